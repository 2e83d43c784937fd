import { execFileSync } from "node:child_process";
import { constants } from "node:fs";
import {
  chmod,
  chown,
  link,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { getxattrAt, mknodAt, setxattrAt } from "@slipway/native";
import type { Digest } from "@slipway/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openContentStore } from "../content/directory-content-store.ts";
import { applyTar } from "./apply.ts";
import { openDirectory } from "./descriptors.ts";
import { diffUpper } from "./diff.ts";
import { LAYER_LIMITS } from "./layer.ts";
import { withMerged } from "./merged.ts";

let directory: string;
const at = (...parts: string[]) => path.join(directory, ...parts);
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "slipway-diff-"));
  for (const name of ["lower", "fs", "work"]) await mkdir(at(name));
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

const active = () => ({ key: "k", upper: at("fs"), work: at("work"), lowers: [at("lower")] });
const diff = async () =>
  diffUpper(at("fs"), [at("lower")], {
    content: await openContentStore(at("content")),
    limits: LAYER_LIMITS,
  });

/** Lists the layer's tar with the tar of the system, a reader that is not ours. */
async function listing(digest: string): Promise<string[]> {
  const blob = at("content/blobs/sha256", digest.slice("sha256:".length));
  const text = execFileSync(
    "tar",
    ["--list", "--verbose", "--numeric-owner", "--utc", "--full-time", "-f", blob],
    {
      encoding: "utf8",
    },
  );
  return text
    .trimEnd()
    .split("\n")
    .map((line) => line.replaceAll(/\s+/g, " "));
}

describe("the diff of an upper directory", () => {
  it("is null for nothing", async () => {
    expect(await diff()).toBeNull();
  });

  it("is read by the system's tar with modes, owners, times and links as they were", async () => {
    await writeFile(at("fs/zero"), "secret");
    await chown(at("fs/zero"), 1000, 3_000_000);
    await chmod(at("fs/zero"), 0);
    await link(at("fs/zero"), at("fs/zz-second"));
    await symlink("/nowhere", at("fs/soft"));
    await mkdir(at("fs", "긴".repeat(60)));
    await utimes(at("fs/zero"), 1_600_000_000, 1_600_000_000.7);
    const layer = await diff();
    const lines = await listing(layer?.digest ?? "");
    expect(lines).toContainEqual("---------- 1000/3000000 6 2020-09-13 12:26:40 zero");
    expect(lines).toContainEqual(expect.stringContaining("zz-second link to zero"));
    expect(lines).toContainEqual(expect.stringContaining("soft -> /nowhere"));
    expect(lines).toHaveLength(4);
    expect(layer).toMatchObject({ bytesAdded: 6, files: { added: 4, changed: 0, removed: 0 } });
  });

  it("gives the same digest for the same tree", async () => {
    for (const name of ["b", "a", "c/d"]) {
      await mkdir(path.dirname(at("fs", name)), { recursive: true });
      await writeFile(at("fs", name), name);
      await utimes(at("fs", name), 1, 1);
    }
    await utimes(at("fs/c"), 1, 1);
    const first = await diff();
    expect(await diff()).toEqual(first);
  });

  it("names what was removed, and comes out the same when it is applied elsewhere", async () => {
    await mkdir(at("lower/dir/deep"), { recursive: true });
    for (const name of ["gone", "dir/old", "dir/deep/old", "kept"]) await writeFile(at("lower", name), "old");
    await withMerged(active(), at("merged"), async (root) => {
      await rm(path.join(root, "gone"));
      await rm(path.join(root, "dir"), { recursive: true });
      await mkdir(path.join(root, "dir"));
      await writeFile(path.join(root, "dir/new"), "new");
    });
    const layer = await diff();
    const names = (await listing(layer?.digest ?? "")).map((line) => line.split(" ").at(-1));
    expect(names).toEqual(["dir/", "dir/.wh..wh..opq", "dir/new", ".wh.gone"]);
    await applied(layer?.digest);
    expect((await readdir(at("lower"))).sort()).toEqual(["dir", "kept"]);
    expect(await readdir(at("lower/dir"))).toEqual(["new"]);
  });

  /** Applies the layer to the lower directory, as the machine that pulls it does. */
  async function applied(digest: Digest | undefined): Promise<void> {
    if (!digest) throw new Error("no layer");
    const content = await openContentStore(at("content"));
    await applyTar(await content.stream(digest), at("lower"), {
      limits: LAYER_LIMITS,
      whiteouts: "apply",
      subject: "The layer",
    });
  }

  it.each([
    ["with bytes of text", "0100000200200000000000000000000000000000"],
    [
      "with bytes that are no UTF-8, and an id of its root",
      "01000003ffff80c3fffe0000a0b0c0d0e0f00102f0a0c39f",
    ],
  ])("keeps file capabilities %s", async (_, hex) => {
    await writeFile(at("fs/ping"), "x");
    const capability = Buffer.from(hex, "hex");
    setxattrAt(openDirectory(at("fs")), "ping", "security.capability", capability);
    const kept = getxattrAt(openDirectory(at("fs")), "ping", "security.capability");
    await applied((await diff())?.digest);
    expect(getxattrAt(openDirectory(at("lower")), "ping", "security.capability")).toEqual(kept);
    expect(kept?.byteLength).toBe(capability.byteLength);
  });

  it("keeps names and link targets that are no UTF-8, byte by byte", async () => {
    const odd = Buffer.from([0x61, 0xff, 0xfe, 0x80]);
    const inside = (...names: (string | Buffer)[]) =>
      Buffer.concat(names.flatMap((name) => [Buffer.from("/"), Buffer.from(name)]));
    const below = (root: string, ...names: (string | Buffer)[]) =>
      Buffer.concat([Buffer.from(at(root)), inside(...names)]);
    await mkdir(below("fs", odd));
    await writeFile(below("fs", odd, "file"), "x");
    await link(below("fs", odd, "file"), below("fs", Buffer.from([0xc0])));
    await symlink(odd, below("fs", "soft"));
    await writeFile(below("lower", Buffer.from([0xc3, 0x28])), "old");
    mknodAt(openDirectory(at("fs")), Buffer.from([0xc3, 0x28]), constants.S_IFCHR, { major: 0, minor: 0 });
    await applied((await diff())?.digest);
    const names = await readdir(at("lower"), { encoding: "buffer" });
    expect(names.sort(Buffer.compare)).toEqual([odd, Buffer.from("soft"), Buffer.from([0xc0])]);
    expect(await readlink(below("lower", "soft"), { encoding: "buffer" })).toEqual(odd);
    expect((await lstat(below("lower", odd, "file"))).nlink).toBe(2);
  });

  it("streams a file that is larger than a chunk", async () => {
    const big = Buffer.alloc(3 * 1024 ** 2 + 17, "pattern");
    await writeFile(at("fs/big"), big);
    const layer = await diff();
    const blob = await readFile(at("content/blobs/sha256", (layer?.digest ?? "").slice(7)));
    expect(blob.subarray(512, 512 + big.length).equals(big)).toBe(true);
    expect(blob.length % 512).toBe(0);
  });

  it("refuses names that would be whiteouts", async () => {
    await writeFile(at("fs/.wh.evil"), "");
    await expect(diff()).rejects.toMatchObject({ code: "run-failed" });
  });

  it("refuses what was renamed in place, and what is above the limits", async () => {
    for (const name of ["one", "two"]) await mkdir(at("fs", name));
    await writeFile(at("fs/two/file"), "12345");
    const content = await openContentStore(at("content"));
    const within = (limits: { maxBytes: number; maxEntries: number }) =>
      diffUpper(at("fs"), [at("lower")], { content, limits });
    await expect(within({ maxBytes: 4, maxEntries: 10 })).rejects.toMatchObject({ code: "disk-full" });
    await expect(within({ maxBytes: 10, maxEntries: 2 })).rejects.toMatchObject({ code: "disk-full" });
    expect(await within({ maxBytes: 5, maxEntries: 3 })).toMatchObject({
      bytesAdded: 5,
      files: { added: 3 },
    });
    setxattrAt(openDirectory(at("fs")), "one", "trusted.overlay.redirect", Buffer.from("/two"));
    await expect(diff()).rejects.toMatchObject({ code: "run-failed", params: { path: "one" } });
    expect(await readdir(at("content/ingest"))).toEqual([]);
  });

  it("counts directories that a lower layer has only for what changed in them", async () => {
    await mkdir(at("lower/old/deep"), { recursive: true });
    await symlink("old", at("lower/link"));
    for (const name of ["old/deep", "link", "new"]) await mkdir(at("fs", name), { recursive: true });
    expect(await diff()).toMatchObject({ files: { added: 1, changed: 1, removed: 0 } });
  });

  it("tells what is new from what replaces something, and from what goes", async () => {
    await mkdir(at("lower/dir"));
    for (const name of ["dir/replaced", "gone", "kept"]) await writeFile(at("lower", name), "old");
    await withMerged(active(), at("merged"), async (root) => {
      await writeFile(path.join(root, "dir/replaced"), "new");
      await writeFile(path.join(root, "dir/fresh"), "new");
      await rm(path.join(root, "gone"));
      await mkdir(path.join(root, "more"));
      await symlink("nowhere", path.join(root, "more/link"));
    });
    expect(await diff()).toMatchObject({ files: { added: 3, changed: 1, removed: 1 } });
  });

  it("takes what comes again after a layer below has removed it for new", async () => {
    await mkdir(at("middle"));
    await writeFile(at("lower/back"), "old");
    mknodAt(openDirectory(at("middle")), "back", constants.S_IFCHR);
    await writeFile(at("fs/back"), "new");
    const content = await openContentStore(at("content"));
    const layer = await diffUpper(at("fs"), [at("middle"), at("lower")], { content, limits: LAYER_LIMITS });
    expect(layer).toMatchObject({ files: { added: 1, changed: 0, removed: 0 } });
  });

  it("ends when it is aborted, and keeps nothing", async () => {
    await writeFile(at("fs/big"), Buffer.alloc(8 * 1024 ** 2, "x"));
    const content = await openContentStore(at("content"));
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(diffUpper(at("fs"), [], { content, limits: LAYER_LIMITS, signal })).rejects.toThrow(
      "enough",
    );
    expect(await readdir(at("content/blobs/sha256"))).toEqual([]);
    expect(await readdir(at("content/ingest"))).toEqual([]);
  });

  it("has no sockets and devices, and does not wait at a fifo", async () => {
    mknodAt(openDirectory(at("fs")), "fifo", constants.S_IFIFO | 0o644);
    const layer = await diff();
    expect(await listing(layer?.digest ?? "")).toEqual([
      expect.stringMatching(/^prw-r--r-- 0\/0 0 .* fifo$/),
    ]);
    expect((await lstat(at("fs/fifo"))).isFIFO()).toBe(true);
  });
});
