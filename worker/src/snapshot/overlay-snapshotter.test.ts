import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { OverlaySnapshotter } from "./overlay-snapshotter.ts";
import { snapshotterConformance } from "./snapshotter-conformance.ts";
import { stackedConformance } from "./stacked-conformance.ts";
import { stagedConformance } from "./staged-conformance.ts";

const open = (directory: string) => OverlaySnapshotter.open(directory);
snapshotterConformance("OverlaySnapshotter", open);
stackedConformance("OverlaySnapshotter", open);
stagedConformance("OverlaySnapshotter", open);

test("opening deletes what a kill left half made", async () => {
  const directory = await mkdtemp(path.join(tmpdir(), "slipway-snapshots-"));
  try {
    await mkdir(path.join(directory, "scrap/left-over/fs"), { recursive: true });
    await writeFile(path.join(directory, "scrap/left-over/fs/file"), "x");
    await mkdir(path.join(directory, "committed/cut/fs"), { recursive: true });
    await writeFile(path.join(directory, "committed/cut/parent"), "");
    const snapshots = await OverlaySnapshotter.open(directory);
    expect(await readdir(path.join(directory, "scrap"))).toEqual([]);
    expect(await snapshots.has("cut")).toBe(false);
    expect(snapshots.activeKeys()).toEqual([]);
  } finally {
    await rm(directory, { recursive: true });
  }
});

test("lists what is committed, and removes of it only what has no children and was not used meanwhile", async () => {
  const directory = await mkdtemp(path.join(tmpdir(), "slipway-snapshots-"));
  try {
    const snapshots = await OverlaySnapshotter.open(directory);
    for (const [name, parent] of [["one", null] as const, ["two", "one"] as const]) {
      await snapshots.prepare("making", parent);
      await snapshots.commit(name, "making");
    }
    expect(await snapshots.list()).toMatchObject([
      { name: "one", parent: null },
      { name: "two", parent: "one" },
    ]);
    const before = performance.now();
    expect(await snapshots.removeUnused("one", before)).toBe(false);
    await snapshots.has("two");
    expect(await snapshots.removeUnused("two", before)).toBe(false);
    const after = performance.now() + 1;
    expect(await snapshots.removeUnused("two", after)).toBe(true);
    expect(await snapshots.removeUnused("one", after)).toBe(true);
    expect(await snapshots.removeUnused("one", after)).toBe(true);
    expect(await snapshots.list()).toEqual([]);
  } finally {
    await rm(directory, { recursive: true });
  }
});
