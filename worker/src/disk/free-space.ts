import { statfs } from "node:fs/promises";
import { SlipwayError } from "@slipway/protocol";

/** Kept free on the worker's disk, whatever is built. */
export const RESERVED_BYTES = 1024 ** 3;
/** Time between two looks while something writes without a limit of its own. */
const LOOK_INTERVAL_MS = 200;

/** Rejects with `disk-full` when the file system of `directory` has less than `reservedBytes` left. */
export async function checkFreeSpace(directory: string, reservedBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(directory);
  const freeBytes = bavail * bsize;
  if (freeBytes >= reservedBytes) return;
  throw new SlipwayError("disk-full", "The worker's disk is as full as it may get.", {
    params: { freeBytes, reservedBytes },
  });
}

/**
 * Looks again and again, and aborts `signal` with `disk-full` as its reason when too little is left. A disk that fills faster
 * than it is looked at ends in ENOSPC, which means the same.
 */
export function watchFreeSpace(
  directory: string,
  reservedBytes: number,
): { readonly signal: AbortSignal; stop(): void } {
  const controller = new AbortController();
  const timer = setInterval(() => {
    checkFreeSpace(directory, reservedBytes).catch((error: unknown) => controller.abort(error));
  }, LOOK_INTERVAL_MS);
  return { signal: controller.signal, stop: () => clearInterval(timer) };
}
