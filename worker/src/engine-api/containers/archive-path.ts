import { closeSync, constants, fstatSync, openSync, readlinkSync, type Stats } from "node:fs";
import path from "node:path";
import { NativeError, O_PATH, openInRoot } from "@slipway/native";
import { EngineError } from "../engine-error.ts";

const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY;
/** Of a path, characters: PATH_MAX. */
const MOST_CHARACTERS = 4096;

/** One path in a container as `docker cp` means it, found by the kernel inside of the root file system. */
export interface FoundPath {
  /** Of the directory that holds it, or of itself where `name` is ".". The caller closes it. */
  readonly directory: number;
  readonly name: string;
  /** What a tar calls it. */
  readonly as: string;
  /** What a client calls it. */
  readonly shownName: string;
  readonly status: Stats;
  /** Of a symbolic link: where it leads to in the container. */
  readonly linkTarget: string;
}

interface Wanted {
  readonly clean: string;
  readonly base: string;
  /** True for `/a/` and `/a/.`, which mean the directory that a link leads to. */
  readonly isDirectory: boolean;
  readonly endsInDot: boolean;
}

function wantedOf(text: string): Wanted {
  if (text === "") throw new EngineError(400, "bad parameter: 'path' cannot be empty");
  if (text.includes("\0") || text.length > MOST_CHARACTERS) {
    throw new EngineError(400, "bad parameter: 'path' is no path");
  }
  const clean = path.posix.normalize(`/${text}`).replace(/(?<=.)\/$/, "");
  const endsInDot = text === "." || text.endsWith("/.");
  return { clean, endsInDot, base: path.posix.basename(clean), isDirectory: endsInDot || text.endsWith("/") };
}

/** Finds what is to be read. A link at the end of a path is itself. Throws 404 and 400. */
export function findPath(root: string, text: string, container: string): FoundPath {
  const wanted = wantedOf(text);
  const { clean, base, endsInDot } = wanted;
  return inRoot(root, text, container, (top) => {
    const isItself = wanted.isDirectory || clean === "/";
    const name = isItself ? "." : base;
    const directory = openInRoot(top, isItself ? clean : path.posix.dirname(clean), DIRECTORY);
    try {
      const status = statusOf(directory, name);
      const linkTarget = status.isSymbolicLink() ? targetOf(top, directory, name, clean) : "";
      const shownName = base === "" ? "/" : base;
      return { directory, name, as: endsInDot ? "." : base, shownName, status, linkTarget };
    } catch (error) {
      closeSync(directory);
      throw error;
    }
  });
}

/** A directory to unpack something in, as a path below the root without links, and whether it is on the root's own file system. */
export function findDirectory(
  root: string,
  text: string,
  container: string,
): { readonly below: string; readonly isOnRoot: boolean } {
  const { clean } = wantedOf(text);
  return inRoot(root, text, container, (top) => {
    const descriptor = openInRoot(top, clean, O_PATH);
    try {
      const status = fstatSync(descriptor);
      if (!status.isDirectory()) throw new EngineError(400, "extraction point is not a directory");
      const isOnRoot = status.dev === fstatSync(top).dev;
      return { below: pathBelow(top, descriptor).replace(/^\//, ""), isOnRoot };
    } finally {
      closeSync(descriptor);
    }
  });
}

function inRoot<Result>(
  root: string,
  text: string,
  container: string,
  work: (top: number) => Result,
): Result {
  const top = openSync(root, DIRECTORY);
  try {
    return work(top);
  } catch (error) {
    if (!(error instanceof NativeError)) throw error;
    if (error.code === "ENOENT") {
      throw new EngineError(404, `Could not find the file ${text} in container ${container}`, error);
    }
    if (error.code === "ENOTDIR") throw new EngineError(400, `${text}: not a directory`, error);
    if (["ELOOP", "ENAMETOOLONG", "EINVAL"].includes(error.code)) {
      throw new EngineError(400, `${text}: ${error.code === "ELOOP" ? "too many links" : "no path"}`, error);
    }
    throw error;
  } finally {
    closeSync(top);
  }
}

function statusOf(directory: number, name: string): Stats {
  const descriptor = openInRoot(directory, name, O_PATH | constants.O_NOFOLLOW);
  try {
    return fstatSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Where a link leads to at last; where that is missing, where it points to. */
function targetOf(top: number, directory: number, name: string, clean: string): string {
  try {
    const descriptor = openInRoot(top, clean, O_PATH);
    try {
      return pathBelow(top, descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    if (!(error instanceof NativeError)) throw error;
    const target = readlinkSync(`/proc/self/fd/${directory}/${name}`);
    return path.posix.resolve(path.posix.dirname(clean), target);
  }
}

/** As the kernel names both: what is open, seen from the root. */
function pathBelow(top: number, descriptor: number): string {
  const [root, found] = [top, descriptor].map((open) => readlinkSync(`/proc/self/fd/${open}`));
  const below = found?.slice(root?.length ?? 0) ?? "";
  return below === "" ? "/" : below;
}
