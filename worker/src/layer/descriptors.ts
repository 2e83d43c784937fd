import { constants, openSync } from "node:fs";

/** Flags of a directory that is opened to work on its entries. */
export const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY;

export function openDirectory(directory: string): number {
  return openSync(directory, DIRECTORY | constants.O_NOFOLLOW);
}
