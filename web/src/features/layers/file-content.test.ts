import { expect, it } from "vitest";
import { bytesOfBase64, contentOf, hexRows, modeText } from "./file-content.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);

it("a text is text, also when the part ends or begins within a character", () => {
  const bytes = bytesOf("한글 text");
  expect(contentOf(bytes, 0)).toEqual({ kind: "text", text: "한글 text" });
  expect(contentOf(bytes.subarray(0, 4), 0)).toEqual({ kind: "text", text: "한" });
  expect(contentOf(bytes.subarray(1), 1)).toEqual({ kind: "text", text: "글 text" });
});

it("what has a zero byte or is no UTF-8 is binary, and is shown as bytes", () => {
  expect(contentOf(Uint8Array.of(0x7f, 0x45, 0, 0xff), 16)).toEqual({
    kind: "binary",
    rows: [{ offset: "00000010", hex: "7f 45 00 ff", text: ".E.." }],
  });
  expect(contentOf(Uint8Array.of(0x41, 0xff, 0x41, 0x41, 0x41, 0x41), 0).kind).toBe("binary");
});

it("of a large binary file only the beginning is made into rows", () => {
  const content = contentOf(new Uint8Array(100_000), 0);
  expect(content.kind === "binary" && content.rows.length).toBe(256);
  expect(hexRows(new Uint8Array(17), 0).map(({ offset }) => offset)).toEqual(["00000000", "00000010"]);
});

it("an empty file is empty", () => {
  expect(contentOf(bytesOfBase64(""), 0)).toEqual({ kind: "empty" });
});

it.each([
  [0o755, "rwxr-xr-x"],
  [0o4755, "rwsr-xr-x"],
  [0o2644, "rw-r-Sr--"],
  [0o1777, "rwxrwxrwt"],
  [0, "---------"],
])("mode %o is %s", (mode, text) => {
  expect(modeText(mode)).toBe(text);
});
