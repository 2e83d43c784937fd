import { lstatSync } from "node:fs";
import path from "node:path";

/**
 * Those layers of a stack that have one of these names in their root directory, also where it is removed there. What is below
 * these names, and reached through no symbolic link, is the same in them as in the whole stack: a stack that is smaller, or
 * one layer alone, is opened in a fraction of the time.
 */
export function layersWith(layers: readonly string[], names: Iterable<string>): string[] {
  const wanted = [...names];
  return layers.filter((layer) =>
    wanted.some((name) => lstatSync(path.join(layer, name), { throwIfNoEntry: false }) !== undefined),
  );
}
