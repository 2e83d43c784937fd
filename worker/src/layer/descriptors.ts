import { closeSync, constants, lstatSync, openSync, readdirSync, type Stats } from "node:fs";
import { openInRoot } from "@slipway/native";
import { errnoOf } from "../content/atomic-file.ts";

/** Flags of a directory that is opened to work on its entries. */
export const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY;

export function openDirectory(directory: string): number {
  return openSync(directory, DIRECTORY | constants.O_NOFOLLOW);
}

/** Runs `work` with a directory inside `root`, and closes it. */
export function withDirectory<Result>(
  root: number,
  path: string,
  work: (directory: number) => Result,
): Result {
  const directory = openInRoot(root, path, DIRECTORY);
  try {
    return work(directory);
  } finally {
    closeSync(directory);
  }
}

/** lstat(2) of one entry of an open directory; null when there is none. */
export function lstatAt(directory: number, name: string): Stats | null {
  try {
    return lstatSync(`/proc/self/fd/${directory}/${name}`);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return null;
    throw error;
  }
}

/** Names in an open directory. */
export function namesIn(directory: number): string[] {
  return readdirSync(`/proc/self/fd/${directory}`);
}
