import { addon } from "./addon.ts";

/** What a new directory is to hold: a file with this content, or an empty directory without one. Modes are exact. */
export interface NewEntry {
  readonly name: string;
  readonly mode: number;
  readonly content?: string;
}

/*
 * Each is one journey to a thread of libuv's pool, for what would be dozens with node:fs: that is what they are for.
 * All reject with NativeError.
 */

/** Makes a directory, and its entries in the order given; EEXIST when it is there. What was made before an error stays. */
export async function makeDirectory(
  directory: string,
  mode: number,
  entries: readonly NewEntry[],
): Promise<void> {
  await addon.makeDirectory(directory, mode, entries);
}

/**
 * Removes a file, or a directory with all that is in it; a missing one is no error. No symbolic link is followed and no
 * mount entered: one that is found on the way fails with EXDEV or EBUSY, and what it holds stays.
 */
export async function removeTree(path: string): Promise<void> {
  await addon.removeTree(path);
}

/** rmdir(2) for each. Gives those that are in use or not empty; missing ones are no error. */
export async function removeEmptyDirectories(directories: readonly string[]): Promise<string[]> {
  return await addon.removeEmptyDirectories(directories);
}
