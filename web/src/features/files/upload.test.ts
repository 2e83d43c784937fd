import { expect, test } from "vitest";
import { checkSizes, onlyZip } from "./upload.ts";

const limits = { files: 3, fileBytes: 10, playgroundBytes: 15, zipBytes: 5 };
const file = (path: string, bytes: number) => ({ path, file: new File([new Uint8Array(bytes)], path) });
const refusal = (...files: Parameters<typeof checkSizes>[0]) => {
  try {
    checkSizes(files, limits);
  } catch (thrown) {
    return (thrown as { wire: { params: { what: string } } }).wire.params.what;
  }
  return null;
};

test("what the server would refuse is refused before it is read, by the limit's name", () => {
  expect(refusal(file("a", 10), file("b", 5))).toBeNull();
  expect(refusal(file("a", 11))).toBe("file");
  expect(refusal(file("a", 10), file("b", 6))).toBe("playground");
  expect(refusal(file("a", 0), file("b", 0), file("c", 0), { path: "d", file: null })).toBe("files");
});

test("a zip that comes alone may be unpacked", () => {
  expect(onlyZip([file("a.ZIP", 1)])?.name).toBe("a.ZIP");
  expect(onlyZip([file("a.zip", 1), file("b", 1)])).toBeNull();
  expect(onlyZip([file("zip", 1)])).toBeNull();
});
