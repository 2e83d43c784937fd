import { mkdir, rmdir } from "node:fs/promises";
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
  return await mounted(target, { lowers: active.lowers, upper }, work);
}

/** Shows committed layers, the topmost first, as one read-only tree for as long as `work` runs. */
export async function withMergedLayers<Result>(
  layers: readonly [string, ...string[]],
  target: string,
  work: (root: string) => Promise<Result>,
): Promise<Result> {
  if (layers.length === 1) return await work(layers[0]);
  return await mounted(target, { lowers: layers, upper: null }, work);
}

async function mounted<Result>(
  target: string,
  overlay: Pick<Parameters<typeof mountOverlay>[0], "lowers" | "upper">,
  work: (root: string) => Promise<Result>,
): Promise<Result> {
  await mkdir(target, { recursive: true, mode: 0o700 });
  try {
    await mountOverlay({ ...overlay, target, idRange: null, volatile: overlay.upper !== null });
    try {
      return await work(target);
    } finally {
      await unmount(target);
    }
  } finally {
    await rmdir(target);
  }
}
