import { closeSync, constants, fchmodSync, fchownSync, writeSync } from "node:fs";
import {
  chmodAt,
  lchownAt,
  linkAt,
  mkdirAt,
  mknodAt,
  openInRoot,
  setxattrAt,
  symlinkAt,
  unlinkAt,
  utimensAt,
} from "@slipway/native";
import { errnoOf } from "../content/atomic-file.ts";
import { DIRECTORY, lstatAt, namesIn, openDirectory, withDirectory } from "./descriptors.ts";

/** Ids are those of the image. */
export interface Metadata {
  /** Permission bits, set-id and sticky bits included. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeSeconds: number;
  /** File capabilities as the kernel keeps them (capabilities(7)). */
  readonly capability?: Uint8Array;
}

/** Directories deeper than this are not removed; PATH_MAX / 2. */
const MAX_DEPTH = 2048;

/**
 * Writes entries below one directory. Every path is resolved inside of it by the kernel, whatever links are there; the
 * last part of a path is never followed. Existing entries are replaced; a directory stays and takes the new metadata.
 * Nobody else writes to the tree meanwhile. `close` after use.
 */
export class TreeWriter {
  readonly #root: number;
  /** Directories get their times when all is written: each new entry changes them. */
  readonly #times = new Map<string, number>();

  constructor(directory: string | number) {
    this.#root = typeof directory === "number" ? directory : openDirectory(directory);
  }

  /** Sets the times of directories and lets the root go. */
  close(): void {
    try {
      for (const [path, seconds] of [...this.#times].reverse()) {
        this.#inParent(path, (parent, name) => utimensAt(parent, name, seconds));
      }
    } finally {
      this.abandon();
    }
  }

  /** Lets the root go without more writing, after a failure. */
  abandon(): void {
    this.#times.clear();
    closeSync(this.#root);
  }

  directory(path: string, metadata: Metadata): void {
    this.#inParent(path, (parent, name) => {
      const existing = lstatAt(parent, name);
      if (existing && !existing.isDirectory()) unlinkAt(parent, name);
      if (!existing?.isDirectory()) mkdirAt(parent, name, 0o700);
      lchownAt(parent, name, metadata.uid, metadata.gid);
      chmodAt(parent, name, metadata.mode & 0o7777);
    });
    this.#times.delete(path);
    this.#times.set(path, metadata.mtimeSeconds);
  }

  async file(
    path: string,
    metadata: Metadata,
    content: AsyncIterable<Uint8Array> | Uint8Array,
  ): Promise<void> {
    const file = this.#inParent(path, (parent, name) => {
      this.#clear(parent, name);
      const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
      return openInRoot(parent, name, flags, 0o600);
    });
    try {
      if (content instanceof Uint8Array) writeAll(file, content);
      else for await (const chunk of content) writeAll(file, chunk);
      fchownSync(file, metadata.uid, metadata.gid);
      fchmodSync(file, metadata.mode & 0o7777);
    } finally {
      closeSync(file);
    }
    this.#inParent(path, (parent, name) => {
      if (metadata.capability) setxattrAt(parent, name, "security.capability", metadata.capability);
      utimensAt(parent, name, metadata.mtimeSeconds);
    });
  }

  symbolicLink(path: string, target: string, metadata: Metadata): void {
    this.#inParent(path, (parent, name) => {
      this.#clear(parent, name);
      symlinkAt(target, parent, name);
      lchownAt(parent, name, metadata.uid, metadata.gid);
      utimensAt(parent, name, metadata.mtimeSeconds);
    });
  }

  fifo(path: string, metadata: Metadata): void {
    this.#inParent(path, (parent, name) => {
      this.#clear(parent, name);
      mknodAt(parent, name, constants.S_IFIFO | 0o600);
      lchownAt(parent, name, metadata.uid, metadata.gid);
      chmodAt(parent, name, metadata.mode & 0o7777);
      utimensAt(parent, name, metadata.mtimeSeconds);
    });
  }

  /** A second name for a file of the tree; ENOENT when the file is not there. */
  hardLink(path: string, target: string): void {
    this.#inParent(target, (from, fromName) => {
      if (!lstatAt(from, fromName)) throw missing(target);
      this.#inParent(path, (parent, name) => {
        this.#clear(parent, name);
        linkAt(from, fromName, parent, name);
      });
    });
  }

  /** Removes an entry and all below it; a missing one is no error. */
  remove(path: string): void {
    try {
      withDirectory(this.#root, directoryOf(path), (parent) => this.#clear(parent, nameOf(path)));
    } catch (error) {
      if (errnoOf(error) !== "ENOENT") throw error;
    }
    for (const known of this.#times.keys()) {
      if (known === path || known.startsWith(`${path}/`)) this.#times.delete(known);
    }
  }

  /** What is at a path; a symbolic link is "other". */
  kindOf(path: string): "missing" | "directory" | "other" {
    try {
      const stats = withDirectory(this.#root, directoryOf(path), (parent) => lstatAt(parent, nameOf(path)));
      return stats === null ? "missing" : stats.isDirectory() ? "directory" : "other";
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return "missing";
      throw error;
    }
  }

  /** Names in a directory of the tree; none when it is missing. */
  names(path: string): string[] {
    try {
      return withDirectory(this.#root, path, namesIn);
    } catch (error) {
      if (errnoOf(error) === "ENOENT" || errnoOf(error) === "ENOTDIR") return [];
      throw error;
    }
  }

  /** Makes a directory and those above it, where they are missing; others are left as they are. */
  ensureDirectory(path: string, metadata: Metadata): void {
    closeSync(this.#ensure(path === "" ? "." : path, metadata));
  }

  #inParent<Result>(path: string, work: (parent: number, name: string) => Result): Result {
    const parent = this.#ensure(directoryOf(path), { mode: 0o755, uid: 0, gid: 0, mtimeSeconds: now() });
    try {
      return work(parent, nameOf(path));
    } finally {
      closeSync(parent);
    }
  }

  #ensure(path: string, metadata: Metadata): number {
    try {
      return openInRoot(this.#root, path, DIRECTORY);
    } catch (error) {
      if (errnoOf(error) !== "ENOENT" || path === ".") throw error;
    }
    const parent = this.#ensure(directoryOf(path), metadata);
    try {
      mkdirAt(parent, nameOf(path), 0o755);
      lchownAt(parent, nameOf(path), metadata.uid, metadata.gid);
      chmodAt(parent, nameOf(path), metadata.mode & 0o7777);
    } finally {
      closeSync(parent);
    }
    return openInRoot(this.#root, path, DIRECTORY);
  }

  #clear(parent: number, name: string, depth = 0): void {
    const existing = lstatAt(parent, name);
    if (!existing) return;
    if (existing.isDirectory()) {
      if (depth > MAX_DEPTH) throw new Error(`"${name}" is nested too deeply to be removed`);
      const inner = openInRoot(parent, name, DIRECTORY | constants.O_NOFOLLOW);
      try {
        for (const child of namesIn(inner)) this.#clear(inner, child, depth + 1);
      } finally {
        closeSync(inner);
      }
    }
    unlinkAt(parent, name, { isDirectory: existing.isDirectory() });
  }
}

const now = (): number => Math.floor(Date.now() / 1000);

function writeAll(file: number, chunk: Uint8Array): void {
  let written = 0;
  while (written < chunk.byteLength) written += writeSync(file, chunk, written);
}

function directoryOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "." : path.slice(0, slash);
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function missing(path: string): Error {
  return Object.assign(new Error(`"${path}" is not there`), { code: "ENOENT" });
}
