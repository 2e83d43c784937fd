import { lstat, readdir } from "node:fs/promises";

/** Entries that are counted; a larger directory is told as what they take. */
const MOST_ENTRIES = 100_000;
const BLOCK_BYTES = 512;

/**
 * What a directory of a session takes on its disk, a file with several names once. Names are bytes, as a stranger chose them;
 * links are not followed, and what goes meanwhile is no error.
 */
export async function directoryBytes(directory: string): Promise<number> {
  const waiting: Buffer[] = [Buffer.from(directory)];
  const counted = new Set<number>();
  let bytes = 0;
  let entries = 0;
  for (let next = waiting.pop(); next !== undefined && entries < MOST_ENTRIES; next = waiting.pop()) {
    const parent = Buffer.concat([next, Buffer.from("/")]);
    for (const name of await readdir(next, { encoding: "buffer" }).catch(() => [])) {
      entries += 1;
      const place = Buffer.concat([parent, name]);
      const found = await lstat(place).catch(() => null);
      if (!found || counted.has(found.ino)) continue;
      counted.add(found.ino);
      bytes += found.blocks * BLOCK_BYTES;
      if (found.isDirectory()) waiting.push(place);
    }
  }
  return bytes;
}
