import { readlinkSync, type Stats } from "node:fs";
import type { LayerEntry } from "@slipway/protocol";
import { nameOf } from "../layer/name-bytes.ts";

const MAX_TARGET_CHARACTERS = 4096;

/** What an entry of an unpacked layer is, whatever its name. */
export type EntryFacts = Omit<LayerEntry, "path" | "change">;

/** A character device 0:0, by which overlayfs says that the layer removes what is below. */
export const isWhiteout = (stats: Stats): boolean => stats.isCharacterDevice() && stats.rdev === 0;

/** What lstat(2) and readlink(2) say. A further name of a file is told as a file. */
export function entryFacts(file: string | Buffer, stats: Stats): EntryFacts {
  const common = { mode: stats.mode & 0o7777, uid: stats.uid, gid: stats.gid, sizeBytes: 0, target: "" };
  if (stats.isDirectory()) return { ...common, kind: "directory" };
  if (stats.isSymbolicLink()) {
    const target = nameOf(readlinkSync(file, { encoding: "buffer" })).slice(0, MAX_TARGET_CHARACTERS);
    return { ...common, kind: "symlink", target };
  }
  if (stats.isFIFO() || stats.isSocket()) return { ...common, kind: "fifo" };
  if (!stats.isFile()) return { ...common, kind: "device" };
  return { ...common, kind: "file", sizeBytes: stats.size };
}
