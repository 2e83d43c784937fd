import { lstatSync, readlinkSync, type Stats } from "node:fs";
import { errnoOf } from "../../content/atomic-file.ts";
import { nameOf, procPath } from "../../layer/name-bytes.ts";

/** lstat(2) of one entry of an open directory, by a name of layer/name-bytes.ts; null when there is none. */
export function statAt(directory: number, name: string): Stats | null {
  try {
    return lstatSync(procPath(directory, name));
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return null;
    throw error;
  }
}

/** Where a symbolic link of an open directory leads. */
export function targetAt(directory: number, name: string): string {
  return nameOf(readlinkSync(procPath(directory, name), "buffer"));
}
