import { lstatSync, type Stats } from "node:fs";
import type { PathStep } from "@slipway/protocol";
import { procPath } from "../layer/name-bytes.ts";
import { type EntryFacts, entryFacts, isWhiteout } from "./entry-facts.ts";
import { closePlaces, componentsOf, type DirectoryPlace, findDirectory, noPath } from "./layer-place.ts";

/** What each layer, the lowest first, did to one path; a layer that did nothing is left out. `file-missing` where none did. */
export function pathHistory(layers: readonly string[], path: string): PathStep[] {
  const names = componentsOf(path);
  const name = names.pop();
  if (name === undefined) throw noPath(path);
  const steps: PathStep[] = [];
  let present: EntryFacts | null = null;
  for (const [layer, directory] of layers.entries()) {
    const place = findDirectory(directory, names);
    try {
      const after: EntryFacts | null = lookAt(place, name, present);
      if (after === present) continue;
      if (after === null && present !== null) steps.push({ layer, change: "removed", ...present });
      else if (after !== null && !isSameDirectory(present, after))
        steps.push({ layer, change: present === null ? "added" : "changed", ...after });
      present = after;
    } finally {
      closePlaces([place]);
    }
  }
  if (steps.length === 0) throw noPath(path);
  return steps;
}

/** What is there with one more layer on top; the very same object where the layer says nothing. */
function lookAt(place: DirectoryPlace, name: string, below: EntryFacts | null): EntryFacts | null {
  if (place.kind === "absent") return below;
  if (place.kind === "hidden") return null;
  const file = procPath(place.descriptor, name);
  const stats: Stats | undefined = lstatSync(file, { throwIfNoEntry: false });
  if (stats === undefined) return place.isOpaque ? null : below;
  return isWhiteout(stats) ? null : entryFacts(file, stats);
}

const isSameDirectory = (before: EntryFacts | null, after: EntryFacts): boolean =>
  before?.kind === "directory" &&
  after.kind === "directory" &&
  before.mode === after.mode &&
  before.uid === after.uid &&
  before.gid === after.gid;
