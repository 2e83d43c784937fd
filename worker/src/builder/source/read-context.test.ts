import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { digestOf } from "../../content/digest.ts";
import { nameOf } from "../../layer/name-bytes.ts";
import { encodeTarHeader, TAR_END, type TarHeader, tarPadding } from "../../layer/tar-encoder.ts";
import { readContext } from "./read-context.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "slipway-context-"));
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

const LIMITS = { maxBytes: 1024 * 1024, maxEntries: 100 };
const { signal } = new AbortController();

function entry(
  name: string,
  header: Partial<TarHeader> = {},
  content: string | Uint8Array = "",
): Uint8Array[] {
  const body = Buffer.from(content);
  const whole = {
    path: name,
    type: "file" as const,
    mode: 0o644,
    uid: 0,
    gid: 0,
    sizeBytes: body.byteLength,
    mtimeSeconds: 1,
    ...header,
  };
  return [encodeTarHeader(whole), body, tarPadding(body.byteLength)];
}

/** A header whose fields are set by hand, its check sum made right. */
function raw(header: Uint8Array, change: (block: Buffer) => void): Buffer {
  const block = Buffer.from(header);
  change(block);
  block.fill(" ", 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}

async function* inChunks(parts: Iterable<Uint8Array> | AsyncIterable<Uint8Array>, size?: number) {
  for await (const part of parts) {
    if (size === undefined) yield part;
    else for (let at = 0; at < part.byteLength; at += size) yield part.subarray(at, at + size);
  }
}

const read = (
  parts: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  options: { limits?: typeof LIMITS; size?: number; signal?: AbortSignal } = {},
) =>
  readContext(
    inChunks(parts, options.size),
    path.join(directory, "context"),
    options.limits ?? LIMITS,
    options.signal ?? signal,
  );

/** What was sent is in the one file for it, or nowhere. */
async function expectNothingBeside(): Promise<void> {
  const written = await readdir(directory, { recursive: true });
  expect(written.filter((name) => name !== "context" && name !== "context/pack")).toEqual([]);
}

const whole = (...entries: Uint8Array[][]) => [...entries.flat(), TAR_END];

describe("a context that is honest", () => {
  it.each([1, 7, 512, 513, 100_000])(
    "is read in chunks of %d bytes, and its contents are found again",
    async (size) => {
      const long = `${"long-name/".repeat(30)}file`;
      const tree = await read(
        whole(
          entry("dir/", { type: "directory", mode: 0o1777 }),
          entry("dir/a", { mode: 0o4755, mtimeSeconds: 5 }, "content of a"),
          entry("link", { type: "symlink", linkTarget: "dir/a" }),
          entry("hard", { type: "link", linkTarget: "dir/a" }),
          entry(long, {}, "x".repeat(1000)),
        ),
        { size },
      );
      expect(tree.text("link")).toBe("content of a");
      expect(tree.text("hard")).toBe("content of a");
      expect(tree.text(long)).toBe("x".repeat(1000));
      expect(tree.lstat("dir")).toMatchObject({ kind: "directory", mode: 0o1777 });
      expect(tree.lstat("dir/a")).toMatchObject({ mode: 0o4755, mtimeSeconds: 5, sizeBytes: 12 });
      expect(tree.lstat("hard")?.inode).toBe(tree.lstat("dir/a")?.inode);
      expect(await tree.lstat("dir/a")?.digest()).toBe(digestOf("content of a"));
    },
  );

  it("keeps names byte by byte: newlines, control characters, what is no UTF-8", async () => {
    const names = [
      Buffer.from("a\nb"),
      Buffer.from([0x61, 0xff, 0x62]),
      Buffer.from("\u001b[31m"),
      Buffer.from(" "),
    ];
    const tree = await read([
      ...names.flatMap((name) => [
        raw(entry("n")[0] ?? new Uint8Array(), (block) => {
          block.fill(0, 0, 100);
          name.copy(block);
        }),
      ]),
      TAR_END,
    ]);
    expect(tree.names("")).toEqual(names.map(nameOf).sort());
  });

  it("may name an entry twice; the later one counts", async () => {
    const tree = await read(whole(entry("f", {}, "first"), entry("f", { mode: 0o600 }, "second")));
    expect(tree.text("f")).toBe("second");
    expect(tree.size).toBe(1);
  });

  it("absolute names and links lead nowhere but into the context", async () => {
    const tree = await read(
      whole(entry("/etc/passwd", {}, "mine"), entry("out", { type: "symlink", linkTarget: "/etc/passwd" })),
    );
    expect(tree.text("etc/passwd")).toBe("mine");
    expect(tree.text("out")).toBe("mine");
    await expectNothingBeside();
  });
});

describe("a context that attacks is the sender's fault, and nothing is written outside", () => {
  const attacks: [string, () => Uint8Array[], string][] = [
    ["path traversal", () => whole(entry("../../etc/cron.d/x", {}, "x")), "context-invalid"],
    ["path traversal in the middle", () => whole(entry("a/../../x", {}, "x")), "context-invalid"],
    [
      "a hard link out of the root",
      () => whole(entry("l", { type: "link", linkTarget: "../../etc/shadow" })),
      "context-invalid",
    ],
    [
      "a hard link to an absolute path",
      () => whole(entry("l", { type: "link", linkTarget: "/etc/shadow" })),
      "context-invalid",
    ],
    [
      "a path through a link",
      () => whole(entry("l", { type: "symlink", linkTarget: "/" }), entry("l/etc/x", {}, "x")),
      "context-invalid",
    ],
    [
      "a file in place of a directory",
      () => whole(entry("d/f", {}, "x"), entry("d", {}, "x")),
      "context-invalid",
    ],
    [
      "a directory in place of a file",
      () => whole(entry("d", {}, "x"), entry("d/", { type: "directory" })),
      "context-invalid",
    ],
    ["a fifo", () => whole(entry("p", { type: "fifo" })), "context-invalid"],
    [
      "a device node",
      () => [raw(entry("n")[0] ?? new Uint8Array(), (block) => block.write("4", 156)), TAR_END],
      "context-invalid",
    ],
    [
      "a sparse file",
      () => [raw(entry("n")[0] ?? new Uint8Array(), (block) => block.write("S", 156)), TAR_END],
      "context-invalid",
    ],
    [
      "a link without a target",
      () => whole(entry("l", { type: "symlink", linkTarget: "" })),
      "context-invalid",
    ],
    [
      "a path that is too long",
      () => whole(entry("x/".repeat(3000), { type: "directory" })),
      "context-invalid",
    ],
    ["bytes that are no tar", () => [Buffer.alloc(2048, "not a tar ")], "context-invalid"],
    [
      "a wrong check sum",
      () => [Buffer.from(entry("f")[0] ?? []).fill(1, 10, 20), TAR_END],
      "context-invalid",
    ],
    [
      "a tar cut in the middle of a file",
      () => [...entry("f", { sizeBytes: 5000 }, "x".repeat(1000))],
      "context-invalid",
    ],
    [
      "a tar cut in the middle of a header",
      () => [(entry("f")[0] ?? new Uint8Array()).subarray(0, 300)],
      "context-invalid",
    ],
    [
      "a negative size",
      () => [raw(entry("n")[0] ?? new Uint8Array(), (block) => block.fill(0xff, 124, 136)), TAR_END],
      "context-invalid",
    ],
    [
      "a size beyond all numbers",
      () => [
        raw(entry("n")[0] ?? new Uint8Array(), (block) => block.fill(0x7f, 125, 136).writeUInt8(0x80, 124)),
        TAR_END,
      ],
      "context-invalid",
    ],
    [
      "PAX records that are none",
      () => [...pax("99999 path=x\n"), ...entry("f"), TAR_END],
      "context-invalid",
    ],
    ["a NUL in a name", () => [...pax(record("path", "a\0b")), ...entry("f"), TAR_END], "context-invalid"],
    ["a name of megabytes", () => [...pax("x".repeat(2 * 1024 * 1024)), TAR_END], "context-invalid"],
    [
      "a file of 10 GB that is never sent",
      () => whole(entry("f", { sizeBytes: 10 * 1024 ** 3 })),
      "context-too-large",
    ],
    [
      "a file of 10 GB in a PAX record",
      () => [...pax(record("size", String(10 * 1024 ** 3))), ...entry("f"), TAR_END],
      "context-too-large",
    ],
    [
      "more entries than allowed",
      () => whole(...Array.from({ length: 101 }, (_, at) => entry(`f${at}`))),
      "context-too-large",
    ],
    ["few entries in very many directories", () => whole(entry(`${"d/".repeat(101)}f`)), "context-too-large"],
  ];
  it.each(attacks)("%s", async (_, tar, code) => {
    await expect(read(tar())).rejects.toMatchObject({ code, fault: "user" });
    await expectNothingBeside();
  });

  it("100,000 entries more than allowed are not waited for", async () => {
    let sent = 0;
    async function* endless() {
      for (;;) {
        yield Buffer.concat(entry(`f${sent}`));
        sent += 1;
      }
    }
    await expect(read(endless())).rejects.toMatchObject({ code: "context-too-large" });
    expect(sent).toBeLessThan(200);
  });

  it("zeros without end behind a tar are not waited for, and not kept", async () => {
    async function* endless() {
      yield TAR_END;
      for (;;) yield new Uint8Array(64 * 1024);
    }
    await expect(read(endless())).rejects.toMatchObject({ code: "context-too-large" });
    const pack = await stat(path.join(directory, "context/pack")).catch(() => null);
    expect(pack?.size ?? 0).toBeLessThan(8 * 1024 * 1024);
  });

  it("a build that is cancelled stops to read", async () => {
    const controller = new AbortController();
    async function* slow() {
      yield Buffer.concat(entry("f"));
      controller.abort(new Error("cancelled"));
      yield Buffer.concat(entry("g"));
    }
    await expect(read(slow(), { signal: controller.signal })).rejects.toThrow("cancelled");
  });
});

function record(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return `${length}${rest}`;
}

/** A PAX header with this body. */
function pax(body: string): Uint8Array[] {
  const [header = new Uint8Array(), content = new Uint8Array(), padding = new Uint8Array()] = entry(
    "PaxHeader",
    {},
    body,
  );
  return [raw(header, (block) => block.write("x", 156)), content, padding];
}
