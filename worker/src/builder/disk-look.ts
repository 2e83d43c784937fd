import { statfsSync } from "node:fs";

/** A disk counts as full when less than this part of its bytes or inodes is left, */
const FULL_PART = 1 / 128;
/** or less than this: ext4 keeps so much for the metadata of what has still to be written. */
const FULL_BYTES = 2 * 1024 * 1024;
/** Time between two looks: a program that cleans up after itself is seen all the same. */
const LOOK_INTERVAL_MS = 50;

/** A look after a disk while a program writes to it. */
export interface DiskLook {
  /** True when the disk was full at any look, the one of now included. */
  wasFull(): boolean;
  stop(): void;
}

/** Looks after the disk that a directory is on, until `stop`. */
export function lookAfter(directory: string): DiskLook {
  let wasFull = false;
  const look = () => {
    wasFull ||= isFull(directory);
    return wasFull;
  };
  const timer = setInterval(look, LOOK_INTERVAL_MS);
  return { wasFull: look, stop: () => clearInterval(timer) };
}

/** Synchronous: a look takes microseconds, and a way through the thread pool may wait behind large copies. */
export function isFull(directory: string): boolean {
  const { bsize, blocks, bavail, files, ffree } = statfsSync(directory);
  return bavail < Math.max(blocks * FULL_PART, FULL_BYTES / bsize) || ffree < files * FULL_PART;
}
