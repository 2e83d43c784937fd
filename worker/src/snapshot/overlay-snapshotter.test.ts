import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { OverlaySnapshotter } from "./overlay-snapshotter.ts";
import { snapshotterConformance } from "./snapshotter-conformance.ts";

snapshotterConformance("OverlaySnapshotter", (directory) => OverlaySnapshotter.open(directory));

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
