import { lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { applyTar } from "./apply.ts";
import { encodeTarHeader, TAR_END, type TarHeader, tarPadding } from "./tar-encoder.ts";

let directory: string;
let root: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "slipway-layer-"));
  root = path.join(directory, "root");
  await mkdir(root);
  await writeFile(path.join(directory, "secret"), "outside");
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

type Entry = Partial<TarHeader> & { path: string; content?: string; rawType?: string };

function tarOf(entries: readonly Entry[]): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const { content = "", rawType, ...rest } of entries) {
    const body = Buffer.from(content);
    const header = Buffer.from(
      encodeTarHeader({
        type: "file",
        mode: 0o644,
        uid: 0,
        gid: 0,
        mtimeSeconds: 1,
        ...rest,
        sizeBytes: rest.sizeBytes ?? body.byteLength,
      }),
    );
    if (rawType) retype(header, rawType);
    parts.push(header, body, tarPadding(body.byteLength));
  }
  return Buffer.concat([...parts, TAR_END]);
}

/** Gives a header block another type flag and the checksum for it. */
function retype(block: Buffer, flag: string): void {
  block.write(flag, 156, "latin1");
  block.fill(" ", 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

const limits = { maxBytes: 1_000_000, maxEntries: 1000 };
const apply = (entries: readonly Entry[] | Uint8Array, bounds = limits) =>
  applyTar(once(entries instanceof Uint8Array ? entries : tarOf(entries)), root, {
    limits: bounds,
    whiteouts: "apply",
    subject: "The layer",
  });

const outside = async () => ({
  names: (await readdir(directory)).sort(),
  secret: await readFile(path.join(directory, "secret"), "utf8"),
});
const untouched = { names: ["root", "secret"], secret: "outside" };

describe("an archive that attacks is refused, and nothing outside of the root changes", () => {
  const attacks: Record<string, Entry[]> = {
    "a path with ..": [{ path: "../evil", content: "x" }],
    "a path with .. in the middle": [{ path: "a/../../evil", content: "x" }],
    "a hard link to ..": [{ path: "link", type: "link", linkTarget: "../secret" }],
    "a hard link to what is not there": [{ path: "link", type: "link", linkTarget: "nothing" }],
    "a hard link to the root": [{ path: "link", type: "link", linkTarget: "/" }],
    "a character device": [{ path: "null", rawType: "3" }],
    "a block device": [{ path: "disk", rawType: "4" }],
    "a whiteout of nothing": [{ path: ".wh." }],
    "a whiteout of the directory itself": [{ path: "a/.wh.." }],
    "a whiteout of the directory above": [{ path: "a/.wh..." }],
    "links in a circle": [
      { path: "a", type: "symlink", linkTarget: "b" },
      { path: "b", type: "symlink", linkTarget: "a" },
      { path: "a/file", content: "x" },
    ],
    "a file as a directory": [
      { path: "file", content: "x" },
      { path: "file/below", content: "x" },
    ],
    "a name that is too long": [{ path: "n".repeat(300), content: "x" }],
    "a null byte in a link's target": [
      { path: "link", type: "link", linkTarget: `${"long/".repeat(30)}a\0b` },
    ],
  };
  for (const [name, entries] of Object.entries(attacks)) {
    it(name, async () => {
      await expect(apply(entries)).rejects.toMatchObject({ code: "context-invalid" });
      expect(await outside()).toEqual(untouched);
    });
  }

  it("an absolute path lands in the root", async () => {
    await apply([{ path: "/etc/evil", content: "x" }]);
    expect(await readFile(path.join(root, "etc/evil"), "utf8")).toBe("x");
    expect(await outside()).toEqual(untouched);
  });

  it.each([["../.."], ["/"], ["../../../../../tmp"], ["/tmp"]])(
    "a symbolic link to %s is followed inside of the root",
    async (target) => {
      await apply([
        { path: "out", type: "symlink", linkTarget: target },
        { path: "tmp", type: "directory", mode: 0o755 },
        { path: "out/slipway-evil", content: "x" },
      ]);
      expect(await outside()).toEqual(untouched);
      await expect(lstat("/tmp/slipway-evil")).rejects.toThrow();
    },
  );

  it("a file over a symbolic link replaces the link, not its target", async () => {
    await symlink(path.join(directory, "secret"), path.join(root, "link"));
    await apply([{ path: "link", content: "new" }]);
    expect((await lstat(path.join(root, "link"))).isFile()).toBe(true);
    expect(await outside()).toEqual(untouched);
  });

  it("metadata of a directory over a symbolic link does not reach the link's target", async () => {
    await symlink(directory, path.join(root, "link"));
    const before = (await lstat(directory)).mode;
    await apply([{ path: "link", type: "directory", mode: 0o777 }]);
    expect((await lstat(path.join(root, "link"))).isDirectory()).toBe(true);
    expect((await lstat(directory)).mode).toBe(before);
  });

  it("a whiteout through a symbolic link removes nothing outside", async () => {
    await symlink(directory, path.join(root, "link"));
    await apply([{ path: "link/.wh.secret" }]);
    expect(await outside()).toEqual(untouched);
  });

  it("an opaque whiteout through a symbolic link removes nothing outside", async () => {
    await symlink(directory, path.join(root, "link"));
    await apply([{ path: "link/.wh..wh..opq" }]);
    expect(await outside()).toEqual(untouched);
  });

  it("more bytes than allowed, even when only the header says so", async () => {
    const header = encodeTarHeader({
      path: "bomb",
      type: "file",
      mode: 0o644,
      uid: 0,
      gid: 0,
      mtimeSeconds: 0,
      sizeBytes: 10 ** 12,
    });
    await expect(apply(header)).rejects.toMatchObject({ code: "context-invalid" });
  });

  it("more entries than allowed", async () => {
    const many = Array.from({ length: 20 }, (_, index) => ({ path: `f${index}` }));
    await expect(apply(many, { ...limits, maxEntries: 10 })).rejects.toMatchObject({
      code: "context-invalid",
    });
  });

  it("an archive that is cut off", async () => {
    const whole = tarOf([{ path: "file", content: "x".repeat(2000) }]);
    await expect(apply(whole.subarray(0, 1200))).rejects.toMatchObject({ code: "context-invalid" });
  });

  it("bytes that are no archive", async () => {
    await expect(apply(Buffer.alloc(4096, "no tar "))).rejects.toMatchObject({ code: "context-invalid" });
  });

  it("a PAX record of a size that no memory holds", async () => {
    const header = Buffer.from(
      encodeTarHeader({
        path: "x",
        type: "file",
        mode: 0,
        uid: 0,
        gid: 0,
        mtimeSeconds: 0,
        sizeBytes: 8_000_000_000,
      }),
    );
    retype(header, "x");
    await expect(apply(header)).rejects.toMatchObject({ code: "context-invalid" });
  });
});

describe("an honest archive", () => {
  it("keeps modes, times, links and long names", async () => {
    const long = `${"directory/".repeat(15)}${"파일".repeat(20)}`;
    await apply([
      { path: "d", type: "directory", mode: 0o1777, mtimeSeconds: 1000 },
      { path: "d/zero", content: "a", mode: 0, mtimeSeconds: 2000 },
      { path: "d/set-id", content: "b", mode: 0o4755, mtimeSeconds: 3000 },
      { path: "d/second", type: "link", linkTarget: "d/zero" },
      { path: "d/soft", type: "symlink", linkTarget: "/anywhere" },
      { path: long, content: "long" },
    ]);
    const stats = async (name: string) => {
      const { mode, mtimeMs, nlink } = await lstat(path.join(root, name));
      return { mode: mode & 0o7777, seconds: mtimeMs / 1000, nlink };
    };
    expect(await stats("d")).toMatchObject({ mode: 0o1777, seconds: 1000 });
    expect(await stats("d/zero")).toEqual({ mode: 0, seconds: 2000, nlink: 2 });
    expect(await stats("d/set-id")).toMatchObject({ mode: 0o4755, seconds: 3000 });
    expect(await readFile(path.join(root, long), "utf8")).toBe("long");
  });

  it("carries whiteouts out, but keeps what it wrote itself", async () => {
    await mkdir(path.join(root, "dir/deep"), { recursive: true });
    for (const name of ["gone", "dir/old", "dir/deep/old"]) await writeFile(path.join(root, name), "");
    await apply([
      { path: ".wh.gone" },
      { path: "dir", type: "directory", mode: 0o755 },
      { path: "dir/new", content: "x" },
      { path: "dir/.wh..wh..opq" },
    ]);
    expect((await readdir(root)).sort()).toEqual(["dir"]);
    expect(await readdir(path.join(root, "dir"))).toEqual(["new"]);
  });
});
