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

export interface PublishedFile {
  /** Where it is put together, on the file system of `target`. */
  readonly temporary: string;
  readonly target: string;
  /** An empty file that is made before the target has its name; none when null. */
  readonly marker: string | null;
  /** Written into the temporary file first (mode 0600, EEXIST when there is one); null when it is there already. */
  readonly bytes: Uint8Array | null;
}

/** Gives a file its name in one rename(2), after its marker. Nothing is synced. The bytes may not change meanwhile. */
export async function publishFile(file: PublishedFile): Promise<void> {
  await addon.publishFile(file.temporary, file.target, file.marker ?? "", file.bytes);
}

/** fdatasync(2); false for a file that is missing. */
export async function syncFile(path: string): Promise<boolean> {
  return await addon.syncFile(path);
}
