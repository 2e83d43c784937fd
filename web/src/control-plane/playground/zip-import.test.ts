import { Buffer } from "node:buffer";
import { zipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { ZipFile } from "yazl";
import { MAX_FILE_BYTES, MAX_PLAYGROUND_FILES } from "./limits.ts";
import { unpackZip } from "./zip-import.ts";

const zipOf = (files: Parameters<typeof zipSync>[0]): Buffer => Buffer.from(zipSync(files));
const text = (content: string): Uint8Array => new TextEncoder().encode(content);

/** A zip with modes of a Unix. */
async function unixZip(files: Readonly<Record<string, { content: string; mode: number }>>): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [path, { content, mode }] of Object.entries(files)) {
    zip.addBuffer(Buffer.from(content), path, { mode });
  }
  zip.end();
  const chunks: Buffer[] = [];
  for await (const chunk of zip.outputStream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** The same zip with a name of the same length. */
function renamed(zip: Buffer, from: string, to: string): Buffer {
  expect(to).toHaveLength(from.length);
  return Buffer.from(zip.toString("latin1").replaceAll(from, to), "latin1");
}

const codeOf = (zip: Buffer): Promise<string> =>
  unpackZip(zip, "").then(
    () => "unpacked",
    (error: { code: string }) => error.code,
  );

test("files, folders, bytes and names arrive as they are, below the folder that was named", async () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, n) => n);
  const { files, skipped } = await unpackZip(
    zipOf({ "a.bin": bytes, "한글/파일.txt": text("안녕"), "empty/": new Uint8Array() }),
    "into",
  );
  expect(files.map(({ path, content }) => [path, content && Buffer.from(content)])).toEqual([
    ["into/a.bin", Buffer.from(bytes)],
    ["into/한글/파일.txt", Buffer.from("안녕")],
    ["into/empty", null],
  ]);
  expect(skipped).toEqual([]);
});

test("programs stay programs, links are left out and named, and what macOS adds is left out", async () => {
  const { files, skipped } = await unpackZip(
    await unixZip({
      run: { content: "#!/bin/sh\n", mode: 0o100_755 },
      plain: { content: "x", mode: 0o100_644 },
      link: { content: "/etc/passwd", mode: 0o120_777 },
      "__MACOSX/._plain": { content: "x", mode: 0o100_644 },
    }),
    "",
  );
  expect(files.map(({ path, executable }) => [path, executable])).toEqual([
    ["run", true],
    ["plain", false],
  ]);
  expect(skipped).toEqual(["link"]);
});

describe("hostile zips", () => {
  test.each(["../up", "/root", "a/../b"])("a name like %s is refused", async (name) => {
    const stand = "x".repeat(name.length);
    expect(await codeOf(renamed(zipOf({ [stand]: text("x") }), stand, name))).toBe("archive-invalid");
  });

  test("what is no zip, or half of one, is refused", async () => {
    expect(await codeOf(Buffer.from("no zip"))).toBe("archive-invalid");
    expect(await codeOf(Buffer.alloc(0))).toBe("archive-invalid");
    const zip = zipOf({ a: text("a".repeat(1000)) });
    expect(await codeOf(zip.subarray(0, zip.length / 2))).toBe("archive-invalid");
  });

  /** The zip with another size in its headers than its entries of `bytes` bytes have. */
  function claiming(zip: Buffer, bytes: number, claimed: number): Buffer {
    const [before, after] = [Buffer.alloc(4), Buffer.alloc(4)];
    before.writeUInt32LE(bytes);
    after.writeUInt32LE(claimed);
    const lying = zip.toString("latin1").replaceAll(before.toString("latin1"), after.toString("latin1"));
    expect(lying).not.toBe(zip.toString("latin1"));
    return Buffer.from(lying, "latin1");
  }

  test("a bomb is refused by what it says of itself, before anything is unpacked", async () => {
    const bytes = 76_543;
    const one = zipOf({ bomb: new Uint8Array(bytes) });
    expect(await codeOf(claiming(one, bytes, MAX_FILE_BYTES + 1))).toBe("files-too-large");
    const parts = Object.fromEntries(
      Array.from({ length: 5 }, (_, n) => [`part${n}`, new Uint8Array(bytes)]),
    );
    expect(await codeOf(claiming(zipOf(parts), bytes, MAX_FILE_BYTES))).toBe("files-too-large");
  });

  test("a bomb that lies about its size is cut off where the lie ends", async () => {
    const bytes = 765_432;
    const zip = claiming(zipOf({ bomb: new Uint8Array(bytes) }), bytes, 1000);
    expect(await codeOf(zip)).toBe("archive-invalid");
  });

  test("more files than a playground may have are not even looked at", async () => {
    const many = Object.fromEntries(
      Array.from({ length: MAX_PLAYGROUND_FILES + 1 }, (_, n) => [`f${n}`, new Uint8Array()]),
    );
    expect(await codeOf(zipOf(many))).toBe("files-too-large");
  });
});
