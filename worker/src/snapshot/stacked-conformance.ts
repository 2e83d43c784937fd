import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Snapshotter } from "./snapshotter.ts";

/** What every Snapshotter guarantees of active snapshots that stand on active ones. */
export function stackedConformance(name: string, open: (directory: string) => Promise<Snapshotter>): void {
  describe(`${name}, stacked`, () => {
    let directory: string;
    let snapshots: Snapshotter;

    beforeEach(async () => {
      directory = await mkdtemp(path.join(tmpdir(), "slipway-snapshots-"));
      snapshots = await open(directory);
      await snapshots.prepare("making", null);
      await snapshots.commit("one", "making");
    });
    afterEach(async () => await rm(directory, { recursive: true, force: true }));

    test("a snapshot stands on an active one, through the commit of it", async () => {
      const below = await snapshots.prepare("below", "one");
      await writeFile(path.join(below.upper, "file"), "below");
      const above = await snapshots.stack("above", "below");
      expect(above.lowers).toEqual([below.upper, ...below.lowers]);
      await expect(snapshots.commit("three", "above")).rejects.toThrow("not committed");
      await snapshots.commit("two", "below");
      expect(await readFile(path.join(above.lowers[0] ?? "", "file"), "utf8")).toBe("below");
      await snapshots.commit("three", "above");
      expect(await snapshots.layers("three")).toEqual([above.upper, ...above.lowers]);
      snapshots = await open(directory);
      expect(await snapshots.layers("three")).toEqual([above.upper, ...above.lowers]);
    });

    test("what stands on a dropped or removed snapshot keeps its files until its own end", async () => {
      const again = await snapshots.prepare("again", null);
      await writeFile(path.join(again.upper, "file"), "same");
      const above = await snapshots.stack("above", "again");
      const highest = await snapshots.stack("highest", "above");
      await snapshots.commit("one", "again");
      await snapshots.remove("above");
      expect(await readFile(path.join(highest.lowers[1] ?? "", "file"), "utf8")).toBe("same");
      await expect(snapshots.commit("two", "highest")).rejects.toThrow("not committed");
      await snapshots.remove("highest");
      await expect(stat(above.upper)).rejects.toMatchObject({ code: "ENOENT" });
      await expect(stat(again.upper)).rejects.toMatchObject({ code: "ENOENT" });
      expect(await snapshots.has("one")).toBe(true);
    });

    test("nothing is put on a snapshot any more whose commit finds its name taken: it could never be committed", async () => {
      await snapshots.prepare("again", null);
      const committing = snapshots.commit("one", "again");
      // Where a step that begins at that very moment looks what to stand on.
      expect(snapshots.activeKeys()).not.toContain("again");
      await committing;
      expect(await snapshots.has("one")).toBe(true);
    });

    test("a kill leaves nothing of a snapshot that stands on an active one", async () => {
      await snapshots.prepare("below", null);
      const above = await snapshots.stack("above", "below");
      snapshots = await open(directory);
      expect(snapshots.activeKeys()).toEqual(["below"]);
      await expect(stat(above.upper)).rejects.toMatchObject({ code: "ENOENT" });
    });
  });
}
