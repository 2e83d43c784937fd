import { closeSync, constants, lstatSync, openSync, readdirSync, readlinkSync, type Stats } from "node:fs";
import { getxattrAt } from "@slipway/native";
import type { LayerEntry } from "@slipway/protocol";

/** Longer paths, and what is below them, are left out; the kernel takes 4096 with the directory that the layer is in. */
const MAX_PATH_BYTES = 3500;
/** Files with several names that are remembered, so that their bytes count once. */
const MAX_LINKED_FILES = 100_000;
const MAX_TARGET_CHARACTERS = 4096;
const OPAQUE_ATTRIBUTE = "trusted.overlay.opaque";

/** One entry of an unpacked layer. */
export interface WalkedEntry extends Omit<LayerEntry, "change"> {
  /** Says that the layer removes what lower ones have here. */
  readonly isWhiteout: boolean;
  /** A directory that hides all that lower layers have in it. */
  readonly isOpaque: boolean;
}

/**
 * The order of all lists of entries: each directory right before what is in it. Keys are compared as strings; no path holds
 * a null byte.
 */
export const sortKey = (path: string): string => path.replaceAll("/", "\0");

/**
 * What a committed snapshot adds to its parent, by `sortKey`. Nobody writes to it, and links are not followed, so it needs
 * no more than paths. One directory's names are in memory at a time, and those of the ones that it is in.
 */
export function* walkLayer(directory: string): Generator<WalkedEntry> {
  const linked = new Map<number, string>();
  yield* walkDirectory(Buffer.from(directory), "", linked);
}

function* walkDirectory(
  directory: Buffer,
  prefix: string,
  linked: Map<number, string>,
): Generator<WalkedEntry> {
  for (const { raw, shown } of sortedNames(directory)) {
    const path = prefix + shown;
    const file = Buffer.concat([directory, SLASH, raw]);
    if (Buffer.byteLength(path) > MAX_PATH_BYTES) continue;
    const stats = lstatSync(file);
    const isOpaque = stats.isDirectory() && hasOpaqueAttribute(directory, raw);
    yield { ...describe(file, path, stats, linked), isOpaque };
    if (stats.isDirectory()) yield* walkDirectory(file, `${path}/`, linked);
  }
}

const SLASH = Buffer.from("/");

function sortedNames(directory: Buffer): { readonly raw: Buffer; readonly shown: string }[] {
  return readdirSync(directory, { encoding: "buffer" })
    .map((raw) => ({ raw, shown: shownName(raw) }))
    .sort((left, right) => (left.shown < right.shown ? -1 : left.shown > right.shown ? 1 : 0));
}

/** A file name as text. Bytes of one that is not UTF-8 are written as `\xNN`. */
export function shownName(raw: Buffer): string {
  const text = raw.toString("utf8");
  if (Buffer.from(text).equals(raw)) return text;
  return [...raw]
    .map((byte) =>
      byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, "0")}`,
    )
    .join("");
}

function describe(
  file: Buffer,
  path: string,
  stats: Stats,
  linked: Map<number, string>,
): Omit<WalkedEntry, "isOpaque"> {
  const common = { path, mode: stats.mode & 0o7777, uid: stats.uid, gid: stats.gid, isWhiteout: false };
  if (stats.isDirectory()) return { ...common, kind: "directory", sizeBytes: 0, target: "" };
  if (stats.isSymbolicLink()) {
    const target = shownName(readlinkSync(file, { encoding: "buffer" })).slice(0, MAX_TARGET_CHARACTERS);
    return { ...common, kind: "symlink", sizeBytes: 0, target };
  }
  if (stats.isFIFO() || stats.isSocket()) return { ...common, kind: "fifo", sizeBytes: 0, target: "" };
  if (!stats.isFile()) {
    const isWhiteout = stats.isCharacterDevice() && stats.rdev === 0;
    return { ...common, kind: "device", sizeBytes: 0, target: "", isWhiteout };
  }
  const first = stats.nlink > 1 ? linked.get(stats.ino) : undefined;
  if (first !== undefined) return { ...common, kind: "hardlink", sizeBytes: 0, target: first };
  if (stats.nlink > 1 && linked.size < MAX_LINKED_FILES) linked.set(stats.ino, path);
  return { ...common, kind: "file", sizeBytes: stats.size, target: "" };
}

function hasOpaqueAttribute(directory: Buffer, name: Buffer): boolean {
  const text = name.toString("utf8");
  // overlayfs sets it on directories that a container made anew; of those that are not UTF-8 it is not known.
  if (!Buffer.from(text).equals(name)) return false;
  const parent = openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    return getxattrAt(parent, text, OPAQUE_ATTRIBUTE)?.toString() === "y";
  } finally {
    closeSync(parent);
  }
}
