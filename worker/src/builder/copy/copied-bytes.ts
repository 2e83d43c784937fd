import type { CopyItem } from "./copy-source.ts";

/** What files take at least beside their content: an inode and a name. */
const ENTRY_BYTES = 512;
const BLOCK_BYTES = 4096;

/** Room that a copy takes on the worker's disk, holes of files included; a file with several names counts once. */
export function copiedBytes({ entries }: CopyItem): number {
  const inodes = new Set<string>();
  let bytes = 0;
  for (const { node } of entries) {
    bytes += ENTRY_BYTES;
    if (node.kind === "directory") bytes += BLOCK_BYTES;
    if (node.kind !== "file" || (node.inode !== null && inodes.has(node.inode))) continue;
    if (node.inode !== null) inodes.add(node.inode);
    bytes += Math.ceil(node.sizeBytes / BLOCK_BYTES) * BLOCK_BYTES;
  }
  return bytes;
}
