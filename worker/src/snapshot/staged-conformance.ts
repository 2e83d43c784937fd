import { lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Snapshotter, Staging } from "./snapshotter.ts";

/** What every Snapshotter guarantees of active snapshots that lie elsewhere until they are committed. */
export function stagedConformance(name: string, open: (directory: string) => Promise<Snapshotter>): void {
  describe(`${name}, staged`, () => {
    let directory: string;
    let snapshots: Snapshotter;
    let released: number;

    const staging = (): Staging => ({
      directory: path.join(directory, "staging"),
      release: async () => {
        released += 1;
      },
    });

    beforeEach(async () => {
      directory = await mkdtemp(path.join(tmpdir(), "slipway-snapshots-"));
      await mkdir(path.join(directory, "staging"));
      snapshots = await open(path.join(directory, "snapshots"));
      released = 0;
    });
    afterEach(async () => await rm(directory, { recursive: true, force: true }));

    test("it lies at the place given until its commit, and is released then", async () => {
      const active = await snapshots.prepare("making", null, staging());
      expect(active.upper.startsWith(path.join(directory, "staging/"))).toBe(true);
      await writeFile(path.join(active.upper, "file"), "kept", { mode: 0o640 });
      await snapshots.commit("one", "making");
      expect(released).toBe(1);
      const [layer = ""] = await snapshots.layers("one");
      expect(layer.startsWith(path.join(directory, "staging/"))).toBe(false);
      await rm(path.join(directory, "staging"), { recursive: true });
      snapshots = await open(path.join(directory, "snapshots"));
      expect(await readFile(path.join(layer, "file"), "utf8")).toBe("kept");
      expect((await lstat(path.join(layer, "file"))).mode & 0o777).toBe(0o640);
    });

    test("what stands on it finds its files through commit and until its own end", async () => {
      const below = await snapshots.prepare("below", null, staging());
      await writeFile(path.join(below.upper, "file"), "below");
      const above = await snapshots.stack("above", "below", staging());
      expect(above.lowers).toEqual([below.upper]);
      await snapshots.carryOver("below");
      await snapshots.commit("one", "below");
      expect(released).toBe(0);
      expect(await readFile(path.join(above.lowers[0] ?? "", "file"), "utf8")).toBe("below");
      await snapshots.commit("two", "above");
      expect(released).toBe(2);
      expect(await snapshots.layers("two")).toHaveLength(2);
      for (const layer of await snapshots.layers("two"))
        expect(layer.startsWith(path.join(directory, "snapshots/"))).toBe(true);
    });

    test("one that is removed or was committed before releases its place and leaves no copy", async () => {
      await snapshots.prepare("first", null, staging());
      await snapshots.commit("one", "first");
      await snapshots.prepare("again", null, staging());
      await snapshots.commit("one", "again");
      await snapshots.prepare("dropped", null, staging());
      const copy = snapshots.carryOver("dropped");
      await snapshots.remove("dropped");
      await copy;
      expect(released).toBe(3);
      expect(await readdir(path.join(directory, "snapshots/trees"))).toHaveLength(1);
    });

    test("one that can't be made, and one that can't be copied, release their places", async () => {
      await expect(snapshots.prepare("a", "missing", staging())).rejects.toThrow("does not exist");
      await expect(snapshots.stack("a", "missing", staging())).rejects.toThrow("no active");
      expect(released).toBe(2);
      await snapshots.prepare("gone", null, staging());
      await rm(path.join(directory, "staging"), { recursive: true });
      await expect(snapshots.commit("one", "gone")).rejects.toMatchObject({ code: "ENOENT" });
      expect(await snapshots.has("one")).toBe(false);
      await snapshots.remove("gone");
      expect(released).toBe(3);
      expect(await readdir(path.join(directory, "snapshots/trees"))).toEqual([]);
    });

    test("a kill leaves nothing of it in the store", async () => {
      const active = await snapshots.prepare("making", null, staging());
      await snapshots.carryOver("making");
      snapshots = await open(path.join(directory, "snapshots"));
      expect(snapshots.activeKeys()).toEqual([]);
      expect(await readdir(path.join(directory, "snapshots/trees"))).toEqual([]);
      expect((await stat(active.upper)).isDirectory()).toBe(true);
    });
  });
}
