import {
  closeSync,
  constants,
  createReadStream,
  fstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
} from "node:fs";
import { openInRoot } from "@slipway/native";
import { errnoOf } from "../../content/atomic-file.ts";
import { Digester } from "../../content/digest.ts";
import { DIRECTORY } from "../../layer/descriptors.ts";
import { bytesOf, nameOf } from "../../layer/name-bytes.ts";
import { baseOf, parentOf, type SourceNode, type SourceTree } from "./source-tree.ts";
import { statAt, targetAt } from "./stat-at.ts";

const READ_CHUNK_BYTES = 256 * 1024;
/** Errors of a path that leads nowhere. */
const NOWHERE = new Set(["ENOENT", "ENOTDIR", "ELOOP", "ENAMETOOLONG"]);

/** The root file system of another stage or image. Paths are resolved inside of it by the kernel. */
export class RootfsTree implements SourceTree {
  readonly #root: number;
  /** Names the tree among all that ever were; null for one whose digests are not worth keeping. */
  readonly #name: string | null;
  readonly #owner: { readonly uid: number; readonly gid: number } | null;
  /** The directory that was looked into last: a walk stays in one for a while. */
  #last: { readonly path: string; readonly directory: number } | null = null;

  /** `root` is the descriptor of its root directory, which `close` closes. All belongs to `owner` where one is given. */
  constructor(
    root: number,
    {
      owner = null,
      name = null,
    }: { owner?: { readonly uid: number; readonly gid: number } | null; name?: string | null } = {},
  ) {
    this.#root = root;
    this.#name = name;
    this.#owner = owner;
  }

  close(): void {
    this.#forget();
    closeSync(this.#root);
  }

  lstat(path: string): SourceNode | null {
    return this.#quietly(() => {
      const parent = this.#directory(parentOf(path));
      const name = path === "" ? "." : baseOf(path);
      const stats = statAt(parent, name);
      if (!stats) return null;
      const kind = stats.isDirectory() ? "directory" : stats.isSymbolicLink() ? "symlink" : "file";
      if (kind === "file" && !stats.isFile()) return null;
      return {
        kind,
        mode: stats.mode & 0o7777,
        uid: this.#owner?.uid ?? stats.uid,
        gid: this.#owner?.gid ?? stats.gid,
        mtimeSeconds: Math.floor(stats.mtimeMs / 1000),
        sizeBytes: kind === "file" ? stats.size : 0,
        target: kind === "symlink" ? targetAt(parent, name) : "",
        inode: kind === "file" && stats.nlink > 1 ? `${stats.dev}:${stats.ino}` : null,
        stored: null,
        digest: () => this.#digest(path, stats.size),
        content: () => this.#content(path, stats.size),
      };
    });
  }

  resolve(path: string): string | null {
    return this.#quietly(() => {
      const found = openInRoot(this.#root, path === "" ? "." : bytesOf(path), PATH_ONLY);
      try {
        const root = readlinkSync(`/proc/self/fd/${this.#root}`);
        const full = nameOf(readlinkSync(`/proc/self/fd/${found}`, "buffer"));
        // A tree that is mounted nowhere has "/" for its root.
        const prefix = root === "/" ? "" : root;
        return full === root ? "" : full.slice(prefix.length + 1);
      } finally {
        closeSync(found);
      }
    });
  }

  names(path: string): string[] {
    const names = this.#quietly(() => {
      const directory = this.#directory(path);
      return readdirSync(`/proc/self/fd/${directory}`, "buffer").map(nameOf).sort();
    });
    return names ?? [];
  }

  openPack(): null {
    return null;
  }

  openDirectory(path: string): number {
    return openInRoot(this.#root, path === "" ? "." : bytesOf(path), DIRECTORY);
  }

  #directory(path: string): number {
    if (this.#last?.path === path) return this.#last.directory;
    const directory = this.openDirectory(path);
    this.#forget();
    this.#last = { path, directory };
    return directory;
  }

  #forget(): void {
    if (this.#last) closeSync(this.#last.directory);
    this.#last = null;
  }

  #content(path: string, sizeBytes: number): AsyncIterable<Uint8Array> | Uint8Array {
    const file = this.#open(path);
    if (sizeBytes > READ_CHUNK_BYTES)
      return createReadStream("", { fd: file, highWaterMark: READ_CHUNK_BYTES });
    try {
      return readFileSync(file);
    } finally {
      closeSync(file);
    }
  }

  async #digest(path: string, sizeBytes: number): Promise<string> {
    const key = `${this.#name}\0${path}`;
    const known = this.#name === null ? undefined : digests.get(key);
    if (known !== undefined) return known;
    const digester = new Digester();
    const content = this.#content(path, sizeBytes);
    if (content instanceof Uint8Array) digester.update(content);
    else for await (const chunk of content) digester.update(chunk);
    const digest = digester.digest();
    if (this.#name !== null) remember(key, digest);
    return digest;
  }

  #open(path: string): number {
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    const file = openInRoot(this.#root, bytesOf(path), flags);
    if (fstatSync(file).isFile()) return file;
    closeSync(file);
    throw new Error(`"${path}" is no file`);
  }

  #quietly<Result>(work: () => Result): Result | null {
    try {
      return work();
    } catch (error) {
      if (NOWHERE.has(errnoOf(error) ?? "")) return null;
      throw error;
    }
  }
}

/** Digests that are kept, for all trees together. */
const KEPT_DIGESTS = 50_000;
/** Files of stages and images don't change: a build that is cached needs not read them again. */
const digests = new Map<string, string>();

function remember(key: string, digest: string): void {
  const [oldest] = digests.size >= KEPT_DIGESTS ? digests.keys() : [];
  if (oldest !== undefined) digests.delete(oldest);
  digests.set(key, digest);
}

/** O_PATH of <fcntl.h> on Linux, which fs.constants does not have: only resolves, opens nothing. */
const PATH_ONLY = 0o10000000;
