import { closeSync, readdirSync, type Stats } from "node:fs";
import { chmodAt, lchownAt, mkdirAt, openInRoot, utimensAt } from "@slipway/native";
import { errnoOf } from "../../content/atomic-file.ts";
import { DIRECTORY, openDirectory } from "../../layer/descriptors.ts";
import { bytesOf, nameOf } from "../../layer/name-bytes.ts";
import { resolveLinks } from "../source/resolve-links.ts";
import { baseOf, joined, parentOf } from "../source/source-tree.ts";
import { statAt, targetAt } from "../source/stat-at.ts";

const MISSING = new Set(["ENOENT", "ENOTDIR", "ELOOP"]);

/** Ids are those of the image. */
export interface DirectoryMetadata {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Null: the time at which it was written to last. */
  readonly mtimeSeconds: number | null;
}

/** Something else than what is to be written is there. */
export class InTheWay extends Error {
  readonly path: string;

  constructor(path: string) {
    super(`Something else is at ${path}`);
    this.path = path;
  }
}

interface KnownDirectory {
  /** True when it came from below: then it keeps its time unless something is written into it. */
  readonly belowSeconds: number | null;
  /** Names of the directories that the one below has; null where there is none below. */
  directoriesBelow: ReadonlySet<string> | null;
  mtimeSeconds: number | null;
  touched: boolean;
}

/**
 * The upper directory of an overlay that is not mounted, written to as the kernel would: a directory that comes from below
 * is made here with the metadata that it has there. Links of the image are resolved inside of the image. Writing past
 * overlayfs saves it a copy of each name's way through the work directory.
 */
export class UpperTree {
  readonly #upper: number;
  readonly #below: number | null;
  readonly #directories = new Map<string, KnownDirectory>();

  /** `below` is a descriptor of all that is below, which stays the caller's; null where nothing is. */
  constructor(upper: string, below: number | null) {
    this.#upper = openDirectory(upper);
    this.#below = below;
    this.#directories.set("", {
      belowSeconds: null,
      directoriesBelow: null,
      mtimeSeconds: null,
      touched: false,
    });
  }

  /** Sets the times of directories and lets go. */
  close(): void {
    try {
      for (const [path, known] of [...this.#directories].reverse()) {
        const seconds = known.mtimeSeconds ?? (known.touched ? null : known.belowSeconds);
        if (path !== "" && seconds !== null)
          this.#in(parentOf(path), (parent) => utimensAt(parent, bytesOf(baseOf(path)), seconds));
      }
    } finally {
      this.abandon();
    }
  }

  /** Lets go without more writing. */
  abandon(): void {
    closeSync(this.#upper);
  }

  /** The path with all links of the image resolved inside of it; what is missing may follow at its end. */
  resolve(path: string): string {
    const resolved = resolveLinks(path, (next) => this.#linkAt(next));
    if (resolved === null) throw new InTheWay(`/${path}`);
    return resolved;
  }

  /** What a resolved path is in the image. */
  kindOf(path: string): "missing" | "directory" | "other" {
    if (this.#directories.has(path)) return "directory";
    const stats = this.#stat(this.#upper, path) ?? this.#statBelow(path);
    return stats === null ? "missing" : stats.isDirectory() ? "directory" : "other";
  }

  /** Makes a directory at a resolved path, and those that it lies in, where they are missing. */
  ensure(path: string, made: DirectoryMetadata): void {
    this.#known(path, made);
  }

  /** Makes a directory, or gives the one that is there this metadata. */
  directory(path: string, metadata: DirectoryMetadata): void {
    const known = this.#known(path, metadata);
    this.#in(parentOf(path), (parent) => setMetadata(parent, baseOf(path), metadata));
    known.mtimeSeconds = metadata.mtimeSeconds;
  }

  /**
   * Opens a directory to be written to; the caller closes it. `path` was made by `ensure` or `directory`.
   */
  open(path: string): number {
    this.#touch(path);
    return this.#openUpper(path);
  }

  /** Throws InTheWay when a directory is where an entry that is none is to be written. */
  checkNoDirectory(directory: string, name: string): void {
    const known = this.#directories.get(directory);
    const path = joined(directory, name);
    if (this.#directories.has(path) || this.#directoriesBelow(directory, known).has(name))
      throw new InTheWay(`/${path}`);
  }

  #directoriesBelow(path: string, known: KnownDirectory | undefined): ReadonlySet<string> {
    if (known?.directoriesBelow) return known.directoriesBelow;
    const names = new Set<string>();
    const isBelow = path === "" || known?.belowSeconds !== null;
    if (this.#below !== null && known && isBelow) {
      const directory = openInRoot(this.#below, path === "" ? "." : bytesOf(path), DIRECTORY);
      try {
        const options = { withFileTypes: true, encoding: "buffer" } as const;
        for (const entry of readdirSync(`/proc/self/fd/${directory}`, options))
          if (entry.isDirectory()) names.add(nameOf(entry.name));
      } finally {
        closeSync(directory);
      }
    }
    if (known) known.directoriesBelow = names;
    return names;
  }

  #known(path: string, made: DirectoryMetadata): KnownDirectory {
    const known = this.#directories.get(path);
    if (known) return known;
    const parent = parentOf(path);
    const above = this.#known(parent, made);
    const below = this.#statBelow(path);
    const existing = this.#stat(this.#upper, path);
    if ((existing ?? below)?.isDirectory() === false) throw new InTheWay(`/${path}`);
    if (!existing) {
      this.#make(path, below?.isDirectory() ? below : made);
      if (!below) above.touched = true;
    }
    const added: KnownDirectory = {
      belowSeconds: below?.isDirectory() ? Math.floor(below.mtimeMs / 1000) : null,
      directoriesBelow: null,
      mtimeSeconds: existing || below ? null : made.mtimeSeconds,
      touched: existing !== null,
    };
    this.#directories.set(path, added);
    return added;
  }

  #touch(path: string): void {
    const known = this.#directories.get(path);
    if (known) known.touched = true;
  }

  #make(path: string, metadata: { readonly mode: number; readonly uid: number; readonly gid: number }): void {
    this.#in(parentOf(path), (parent) => {
      mkdirAt(parent, bytesOf(baseOf(path)), 0o700);
      setMetadata(parent, baseOf(path), metadata);
    });
  }

  #in(path: string, work: (directory: number) => void): void {
    const directory = this.#openUpper(path);
    try {
      work(directory);
    } finally {
      closeSync(directory);
    }
  }

  #openUpper(path: string): number {
    return openInRoot(this.#upper, path === "" ? "." : bytesOf(path), DIRECTORY, 0, { symlinks: "refuse" });
  }

  /** Where a link at a path, itself without links, leads; null for what is none. */
  #linkAt(path: string): string | null {
    if (this.#directories.has(path)) return null;
    for (const root of this.#below === null ? [this.#upper] : [this.#upper, this.#below]) {
      const found = this.#at(root, path, (parent, name) => {
        const stats = statAt(parent, name);
        if (!stats) return null;
        return stats.isSymbolicLink() ? { target: targetAt(parent, name) } : { target: null };
      });
      if (found) return found.target;
    }
    return null;
  }

  #statBelow(path: string): Stats | null {
    return this.#below === null ? null : this.#stat(this.#below, path);
  }

  #stat(root: number, path: string): Stats | null {
    return this.#at(root, path, (parent, name) => statAt(parent, name));
  }

  #at<Result>(root: number, path: string, work: (parent: number, name: string) => Result): Result | null {
    const above = parentOf(path);
    try {
      const parent = openInRoot(root, above === "" ? "." : bytesOf(above), DIRECTORY, 0, {
        symlinks: "refuse",
      });
      try {
        return work(parent, path === "" ? "." : baseOf(path));
      } finally {
        closeSync(parent);
      }
    } catch (error) {
      if (MISSING.has(errnoOf(error) ?? "")) return null;
      throw error;
    }
  }
}

function setMetadata(
  parent: number,
  name: string,
  { mode, uid, gid }: { readonly mode: number; readonly uid: number; readonly gid: number },
): void {
  const bytes = bytesOf(name);
  lchownAt(parent, bytes, uid, gid);
  chmodAt(parent, bytes, mode & 0o7777);
}
