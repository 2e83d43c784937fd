import { statfs } from "node:fs/promises";

/** What the store may take of a disk where the operator does not say. */
const SHARE = 0.5;

/** Half of the file system that a directory is on, bytes. */
export async function defaultStoreLimit(directory: string): Promise<number> {
  const { blocks, bsize } = await statfs(directory);
  return Math.floor(blocks * bsize * SHARE);
}
