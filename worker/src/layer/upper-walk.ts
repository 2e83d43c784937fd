import { closeSync, constants, readlinkSync, type Stats } from "node:fs";
import { getxattrAt, openInRoot } from "@slipway/native";
import { SlipwayError } from "@slipway/protocol";
import { errnoOf } from "../content/atomic-file.ts";
import { DIRECTORY, lstatAt, namesIn } from "./descriptors.ts";
import { OPAQUE_WHITEOUT, WHITEOUT_PREFIX } from "./layer.ts";

/** One entry of an upper directory, in the order of a layer: parents first, then by name. */
export interface UpperEntry {
  /** Relative to the root, without a slash at its ends. */
  readonly path: string;
  readonly stats: Stats;
  readonly isWhiteout: boolean;
  /** A directory that hides all that lower layers have in it. */
  readonly isOpaque: boolean;
  /** A directory that some lower layer has too. */
  readonly existedBelow: boolean;
  /** Opens the entry's file for reading; the caller closes it. */
  open(): number;
  linkTarget(): string;
  /** The extended attributes that a layer keeps: file capabilities (capabilities(7)). */
  attributes(): ReadonlyMap<string, Uint8Array>;
}

/** Directories within directories that a layer may have. */
const MAX_DEPTH = 1024;
const OPAQUE_ATTRIBUTE = "trusted.overlay.opaque";
const CAPABILITY_ATTRIBUTE = "security.capability";
const REDIRECT_ATTRIBUTE = "trusted.overlay.redirect";

/** Walks an overlayfs upper directory that nobody writes to any more. `root` and `lowers` are descriptors. */
export function* walkUpper(root: number, lowers: readonly number[]): Generator<UpperEntry> {
  yield* walkDirectory(root, "", lowers, 0);
}

function* walkDirectory(
  directory: number,
  prefix: string,
  lowers: readonly number[],
  depth: number,
): Generator<UpperEntry> {
  if (depth > MAX_DEPTH) throw unpackable(prefix, "is nested too deeply");
  for (const name of namesIn(directory).sort(byBytes)) {
    const path = prefix + name;
    const stats = lstatAt(directory, name);
    if (!stats) throw unpackable(path, "has a name that is not UTF-8");
    if (name.startsWith(WHITEOUT_PREFIX)) throw unpackable(path, `starts with ${WHITEOUT_PREFIX}`);
    const isDirectory = stats.isDirectory();
    if (isDirectory && getxattrAt(directory, name, REDIRECT_ATTRIBUTE))
      throw unpackable(path, "was renamed in place");
    yield {
      path,
      stats,
      isWhiteout: stats.isCharacterDevice() && stats.rdev === 0,
      isOpaque: isDirectory && getxattrAt(directory, name, OPAQUE_ATTRIBUTE)?.toString() === "y",
      existedBelow: isDirectory && lowers.some((lower) => hasDirectory(lower, path)),
      open: () => openInRoot(directory, name, constants.O_RDONLY | constants.O_NOFOLLOW),
      linkTarget: () => readlinkSync(`/proc/self/fd/${directory}/${name}`),
      attributes: () => {
        const capability = getxattrAt(directory, name, CAPABILITY_ATTRIBUTE);
        return new Map(capability ? [[CAPABILITY_ATTRIBUTE, capability]] : []);
      },
    };
    if (!isDirectory) continue;
    const inner = openInRoot(directory, name, DIRECTORY | constants.O_NOFOLLOW);
    try {
      yield* walkDirectory(inner, `${path}/`, lowers, depth + 1);
    } finally {
      closeSync(inner);
    }
  }
}

function hasDirectory(lower: number, path: string): boolean {
  try {
    closeSync(openInRoot(lower, path, DIRECTORY, 0, { escape: "refuse", symlinks: "refuse" }));
    return true;
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === "ENOENT" || errno === "ENOTDIR" || errno === "ELOOP" || errno === "EXDEV") return false;
    throw error;
  }
}

const byBytes = (left: string, right: string): number =>
  Buffer.compare(Buffer.from(left), Buffer.from(right));

function unpackable(path: string, what: string): SlipwayError {
  const shown = path.slice(0, 200);
  return new SlipwayError("run-failed", `"${shown}" can't be stored in an image layer: it ${what}.`, {
    params: { path: shown },
  });
}

/** Name of the whiteout for a removed path. */
export function whiteoutPath(path: string): string {
  const slash = path.lastIndexOf("/") + 1;
  return `${path.slice(0, slash)}${WHITEOUT_PREFIX}${path.slice(slash)}`;
}

export const opaquePath = (path: string): string => `${path}/${OPAQUE_WHITEOUT}`;
