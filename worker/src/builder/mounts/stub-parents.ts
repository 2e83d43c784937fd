import { closeSync, lstatSync, readdirSync, type Stats } from "node:fs";
import { getxattrAt, openInRoot, openLayers, unlinkAt } from "@slipway/native";
import { errnoOf } from "../../content/atomic-file.ts";
import { DIRECTORY, openDirectory } from "../../layer/descriptors.ts";
import { layersWith } from "../../layer/layers-with.ts";
import { bytesOf } from "../../layer/name-bytes.ts";
import type { ActiveSnapshot } from "../../snapshot/snapshotter.ts";
import { baseOf, parentOf } from "../source/source-tree.ts";
import { statAt } from "../source/stat-at.ts";

/** Errors of a path that leads nowhere. */
const NOWHERE = new Set(["ENOENT", "ENOTDIR", "ELOOP", "EXDEV"]);

/**
 * A mount point that an image has not is made for the time of a RUN, and the directory that it was made in is left in the
 * upper one, empty and no different from below. Removes such directories, so that a RUN that wrote nothing has no layer.
 */
export function removeStubParents(active: ActiveSnapshot, destinations: readonly string[]): void {
  if (active.lowers.length === 0) return;
  const parents = new Set<string>();
  for (const destination of destinations) {
    for (let above = parentOf(destination.slice(1)); above !== ""; above = parentOf(above))
      parents.add(above);
  }
  // A RUN that wrote nothing at these places, and an image that had all mount points, need no look at what is below.
  const roots = [...new Set([...parents].map((path) => path.split("/")[0] ?? ""))];
  const written = roots.filter((name) => lstatSync(`${active.upper}/${name}`, { throwIfNoEntry: false }));
  const layers = layersWith(active.lowers, written);
  if (layers.length === 0) return;
  const below = openLayers(layers);
  const upper = openDirectory(active.upper);
  try {
    for (const path of [...parents].sort((left, right) => right.length - left.length)) {
      removeIfUnchanged(upper, below, path);
    }
  } finally {
    closeSync(upper);
    closeSync(below);
  }
}

function removeIfUnchanged(upper: number, below: number, path: string): void {
  const before = at(below, path, (parent, name) => statAt(parent, name));
  if (!before?.isDirectory()) return;
  at(upper, path, (parent, name) => {
    const after = statAt(parent, name);
    if (!after?.isDirectory() || !isSame(before, after)) return;
    if (getxattrAt(parent, bytesOf(name), "trusted.overlay.opaque")) return;
    if (readdirSync(`/proc/self/fd/${parent}/${name}`).length > 0) return;
    unlinkAt(parent, bytesOf(name), { isDirectory: true });
  });
}

const isSame = (before: Stats, after: Stats): boolean =>
  before.mode === after.mode && before.uid === after.uid && before.gid === after.gid;

function at<Result>(
  root: number,
  path: string,
  work: (parent: number, name: string) => Result,
): Result | null {
  const above = parentOf(path);
  try {
    const parent = openInRoot(root, above === "" ? "." : bytesOf(above), DIRECTORY, 0, {
      symlinks: "refuse",
    });
    try {
      return work(parent, baseOf(path));
    } finally {
      closeSync(parent);
    }
  } catch (error) {
    if (NOWHERE.has(errnoOf(error) ?? "")) return null;
    throw error;
  }
}
