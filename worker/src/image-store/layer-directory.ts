import { type Dirent, lstatSync, readdirSync } from "node:fs";
import type { DirectoryEntry, DirectoryPage } from "@slipway/protocol";
import { nameOf, procPath } from "../layer/name-bytes.ts";
import { type EntryFacts, entryFacts, isWhiteout } from "./entry-facts.ts";
import { closePlaces, componentsOf, type DirectoryPlace, findDirectory, noPath } from "./layer-place.ts";

export interface DirectoryWindow {
  readonly offset: number;
  readonly limit: number;
  /** Leaves out what the topmost layer does nothing to. */
  readonly onlyChanges: boolean;
}

/** Where a name was found. */
interface Spot {
  readonly layer: number;
  readonly isDirectory: boolean;
}

interface Listed {
  readonly name: string;
  /** In the topmost layer's eyes: what was there before it, and what is there with it. */
  readonly before: Spot | null;
  readonly after: Spot | null;
}

/**
 * A part of a directory as it is with layers on top of each other, the lowest first, right from their unpacked files: each
 * layer's names are read, and what they are is looked up for the part only. Rejects with `file-missing` where there is no
 * directory, neither with the topmost layer nor before it.
 */
export function readDirectory(
  layers: readonly string[],
  path: string,
  { offset, limit, onlyChanges }: DirectoryWindow,
): DirectoryPage {
  const names = componentsOf(path);
  const places: DirectoryPlace[] = [];
  try {
    for (const layer of layers) places.push(findDirectory(layer, names));
    const top = places.length - 1;
    const listed = mergedNames(places, path).filter(
      ({ before, after }) => !onlyChanges || after?.layer === top || (before !== null && after === null),
    );
    listed.sort(byKindAndName);
    const entries = listed.slice(offset, offset + limit).map((item) => entryOf(item, places));
    return { total: listed.length, entries };
  } finally {
    closePlaces(places);
  }
}

function mergedNames(places: readonly DirectoryPlace[], path: string): Listed[] {
  const present = new Map<string, Spot>();
  let before = new Map<string, Spot>();
  let exists = path === "";
  let existed = exists;
  for (const [layer, place] of places.entries()) {
    if (layer === places.length - 1) {
      before = new Map(present);
      existed = exists;
    }
    if (place.kind === "absent") continue;
    exists = place.kind === "there";
    if (place.kind === "hidden" || place.isOpaque) present.clear();
    if (place.kind === "there") layNames(present, layer, place.descriptor);
  }
  if (!exists && !existed) throw noPath(path);
  const listed = [...present].map(([name, after]) => ({ name, before: before.get(name) ?? null, after }));
  const removed = [...before].filter(([name]) => !present.has(name));
  return [...listed, ...removed.map(([name, spot]) => ({ name, before: spot, after: null }))];
}

/** Lays the names of one layer's directory over those of the layers below. */
function layNames(present: Map<string, Spot>, layer: number, descriptor: number): void {
  const found = readdirSync(`/proc/self/fd/${descriptor}`, { encoding: "buffer", withFileTypes: true });
  for (const entry of found) {
    const name = nameOf(entry.name);
    if (removes(entry, descriptor, name)) present.delete(name);
    else present.set(name, { layer, isDirectory: entry.isDirectory() });
  }
}

const removes = (entry: Dirent<Buffer>, descriptor: number, name: string): boolean =>
  entry.isCharacterDevice() && isWhiteout(lstatSync(procPath(descriptor, name)));

function byKindAndName(left: Listed, right: Listed): number {
  const kinds = Number(isDirectory(right)) - Number(isDirectory(left));
  return kinds !== 0 ? kinds : left.name < right.name ? -1 : 1;
}

const isDirectory = ({ before, after }: Listed): boolean => (after ?? before)?.isDirectory ?? false;

function entryOf({ name, before, after }: Listed, places: readonly DirectoryPlace[]): DirectoryEntry {
  const top = places.length - 1;
  const spot = (after ?? before) as Spot;
  const facts = factsAt(places, spot, name);
  const change = () => {
    if (after === null) return "removed" as const;
    if (before === null) return "added" as const;
    if (after.layer !== top) return null;
    if (!after.isDirectory || !before.isDirectory) return "changed" as const;
    return isSame(facts, factsAt(places, before, name)) ? ("inside" as const) : ("changed" as const);
  };
  return { name, ...facts, layer: spot.layer, change: change() };
}

function factsAt(places: readonly DirectoryPlace[], { layer }: Spot, name: string): EntryFacts {
  const place = places[layer];
  if (place?.kind !== "there") throw noPath(name);
  const file = procPath(place.descriptor, name);
  return entryFacts(file, lstatSync(file));
}

const isSame = (left: EntryFacts, right: EntryFacts): boolean =>
  left.mode === right.mode && left.uid === right.uid && left.gid === right.gid;
