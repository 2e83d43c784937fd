import { mkdir, rm, rmdir } from "node:fs/promises";
import path from "node:path";
import { mountOverlay, unmount } from "@slipway/native";
import type { ActiveSnapshot } from "../snapshot/snapshotter.ts";

/**
 * Shows the snapshot with all that is below it at one path, for as long as `work` runs. What is written there goes to
 * the snapshot's upper directory.
 */
export async function withMerged<Result>(
  active: ActiveSnapshot,
  target: string,
  work: (root: string) => Promise<Result>,
): Promise<Result> {
  if (active.lowers.length === 0) return await work(active.upper);
  const upper = { directory: active.upper, work: active.work };
  await mkdir(target, { recursive: true, mode: 0o700 });
  try {
    await mountOverlay({ lowers: active.lowers, upper, target, idRange: null, volatile: true });
    try {
      return await work(target);
    } finally {
      await unmount(target);
      // The mark of a volatile mount refuses the next one on the same directories (kernel, overlayfs.rst, "Volatile mount").
      await rm(path.join(active.work, "work/incompat"), { recursive: true, force: true });
    }
  } finally {
    await rmdir(target);
  }
}
