import { closeSync, constants, lstatSync, openSync, readdirSync, type Stats } from "node:fs";
import type { LayerEntry } from "@slipway/protocol";
import { nameOf } from "../layer/name-bytes.ts";
import { entryFacts, isWhiteout } from "./entry-facts.ts";
import { isOpaqueDirectory } from "./layer-place.ts";

/** Longer paths, and what is below them, are left out; the kernel takes 4096 with the directory that the layer is in. */
const MAX_PATH_BYTES = 3500;
/** Files with several names that are remembered, so that their bytes count once. */
const MAX_LINKED_FILES = 100_000;

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
  for (const { raw, name } of sortedNames(directory)) {
    const path = prefix + name;
    const file = Buffer.concat([directory, SLASH, raw]);
    if (Buffer.byteLength(path) > MAX_PATH_BYTES) continue;
    const stats = lstatSync(file);
    const isOpaque = stats.isDirectory() && hidesLower(directory, name);
    yield { ...describe(file, path, stats, linked), isWhiteout: isWhiteout(stats), isOpaque };
    if (stats.isDirectory()) yield* walkDirectory(file, `${path}/`, linked);
  }
}

const SLASH = Buffer.from("/");

function sortedNames(directory: Buffer): { readonly raw: Buffer; readonly name: string }[] {
  return readdirSync(directory, { encoding: "buffer" })
    .map((raw) => ({ raw, name: nameOf(raw) }))
    .sort((left, right) => (left.name < right.name ? -1 : left.name > right.name ? 1 : 0));
}

function describe(
  file: Buffer,
  path: string,
  stats: Stats,
  linked: Map<number, string>,
): Omit<LayerEntry, "change"> {
  const facts = entryFacts(file, stats);
  if (facts.kind !== "file" || stats.nlink < 2) return { path, ...facts };
  const first = linked.get(stats.ino);
  if (first !== undefined) return { path, ...facts, kind: "hardlink", sizeBytes: 0, target: first };
  if (linked.size < MAX_LINKED_FILES) linked.set(stats.ino, path);
  return { path, ...facts };
}

function hidesLower(directory: Buffer, name: string): boolean {
  const parent = openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    return isOpaqueDirectory(parent, name);
  } finally {
    closeSync(parent);
  }
}
