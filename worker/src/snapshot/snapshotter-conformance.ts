import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Snapshotter } from "./snapshotter.ts";

/** What every Snapshotter guarantees. `open` opens, or opens again, the one in a directory. */
export function snapshotterConformance(
  name: string,
  open: (directory: string) => Promise<Snapshotter>,
): void {
  describe(name, () => {
    let directory: string;
    let snapshots: Snapshotter;

    beforeEach(async () => {
      directory = await mkdtemp(path.join(tmpdir(), "slipway-snapshots-"));
      snapshots = await open(directory);
    });
    afterEach(async () => await rm(directory, { recursive: true, force: true }));

    async function commit(snapshot: string, parent: string | null): Promise<void> {
      const active = await snapshots.prepare(`making-${snapshot}`, parent);
      await writeFile(path.join(active.upper, "file"), snapshot);
      await snapshots.commit(snapshot, active.key);
    }

    test("an active snapshot is an empty root directory with a workdir beside it", async () => {
      const active = await snapshots.prepare("a", null);
      expect(active.lowers).toEqual([]);
      expect(await readdir(active.upper)).toEqual([]);
      expect((await stat(active.upper)).mode & 0o7777).toBe(0o755);
      expect(path.dirname(active.upper)).toBe(path.dirname(active.work));
      expect((await stat(active.work)).isDirectory()).toBe(true);
    });

    test("a key is active once", async () => {
      await snapshots.prepare("a", null);
      await expect(snapshots.prepare("a", null)).rejects.toThrow("active already");
    });

    test("layers come topmost first, and are the lowers of a child", async () => {
      await commit("sha256:one", null);
      await commit("sha256:two", "sha256:one");
      const layers = await snapshots.layers("sha256:two");
      const contents = await Promise.all(layers.map((layer) => readFile(path.join(layer, "file"), "utf8")));
      expect(contents).toEqual(["sha256:two", "sha256:one"]);
      expect((await snapshots.prepare("c", "sha256:two")).lowers).toEqual(layers);
    });

    test("committing a name that exists drops the key and keeps the first", async () => {
      await commit("one", null);
      const again = await snapshots.prepare("again", null);
      await writeFile(path.join(again.upper, "file"), "other");
      await snapshots.commit("one", "again");
      expect(await readFile(path.join((await snapshots.layers("one"))[0] ?? "", "file"), "utf8")).toBe("one");
      await expect(stat(again.upper)).rejects.toMatchObject({ code: "ENOENT" });
      await snapshots.prepare("again", null);
    });

    test("two commits of one name at the same time leave one snapshot and no active one", async () => {
      await snapshots.prepare("a", null);
      await snapshots.prepare("b", null);
      await Promise.all([snapshots.commit("one", "a"), snapshots.commit("one", "b")]);
      expect(await snapshots.has("one")).toBe(true);
      await expect(snapshots.commit("x", "a")).rejects.toThrow();
      await expect(snapshots.commit("x", "b")).rejects.toThrow();
    });

    test("an unknown parent is an error and leaves nothing active", async () => {
      await expect(snapshots.prepare("a", "missing")).rejects.toMatchObject({ code: "store-corrupt" });
      await snapshots.prepare("a", null);
    });

    test("removing is idempotent and refuses what has children", async () => {
      await commit("one", null);
      await snapshots.prepare("child", "one");
      await expect(snapshots.remove("one")).rejects.toThrow("children");
      await snapshots.remove("child");
      await snapshots.remove("child");
      await snapshots.remove("one");
      await snapshots.remove("one");
      expect(await snapshots.has("one")).toBe(false);
    });

    test("names that would leave the directory are refused", async () => {
      for (const hostile of ["../x", "/etc", "", ".", "a/b", "a\0b"]) {
        await expect(snapshots.prepare(hostile, null)).rejects.toThrow("Not the name");
      }
    });

    test("committed and active snapshots are there after opening again", async () => {
      await commit("one", null);
      const active = await snapshots.prepare("a", "one");
      await writeFile(path.join(active.upper, "kept"), "");
      snapshots = await open(directory);
      expect(await snapshots.layers("one")).toHaveLength(1);
      await snapshots.commit("two", "a");
      expect(await readdir((await snapshots.layers("two"))[0] ?? "")).toEqual(["kept"]);
    });
  });
}
