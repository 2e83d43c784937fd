import { closeSync, constants, createReadStream, fstatSync, readFileSync, readlinkSync } from "node:fs";
import { openInRoot } from "@slipway/native";
import { errnoOf } from "../../content/atomic-file.ts";
import { Digester } from "../../content/digest.ts";
import { lstatAt, namesIn, withDirectory } from "../../layer/descriptors.ts";
import type { SourceNode, SourceTree } from "./source-tree.ts";

const READ_CHUNK_BYTES = 256 * 1024;
/** Errors of a path that leads nowhere. */
const NOWHERE = new Set(["ENOENT", "ENOTDIR", "ELOOP", "ENAMETOOLONG"]);

/** The root file system of another stage or image. Paths are resolved inside of it by the kernel. */
export class RootfsTree implements SourceTree {
  readonly #root: number;

  /** `root` is the descriptor of its root directory, which `close` closes. */
  constructor(root: number) {
    this.#root = root;
  }

  close(): void {
    closeSync(this.#root);
  }

  lstat(path: string): SourceNode | null {
    const slash = path.lastIndexOf("/");
    const name = path === "" ? "." : path.slice(slash + 1);
    const directory = slash < 0 ? "." : path.slice(0, slash);
    return this.#quietly(() =>
      withDirectory(this.#root, directory, (parent) => {
        const stats = lstatAt(parent, name);
        if (!stats) return null;
        const kind = stats.isDirectory() ? "directory" : stats.isSymbolicLink() ? "symlink" : "file";
        if (kind === "file" && !stats.isFile()) return null;
        return {
          kind,
          mode: stats.mode & 0o7777,
          uid: stats.uid,
          gid: stats.gid,
          mtimeSeconds: Math.floor(stats.mtimeMs / 1000),
          sizeBytes: stats.size,
          target: kind === "symlink" ? readlinkSync(`/proc/self/fd/${parent}/${name}`) : "",
          digest: () => this.#digest(path),
          content: () => this.#content(path, stats.size),
        };
      }),
    );
  }

  resolve(path: string): string | null {
    return this.#quietly(() => {
      const found = openInRoot(this.#root, path === "" ? "." : path, PATH_ONLY);
      try {
        const root = readlinkSync(`/proc/self/fd/${this.#root}`);
        const full = readlinkSync(`/proc/self/fd/${found}`);
        // A tree that is mounted nowhere has "/" for its root.
        const prefix = root === "/" ? "" : root;
        return full === root ? "" : full.slice(prefix.length + 1);
      } finally {
        closeSync(found);
      }
    });
  }

  names(path: string): string[] {
    return this.#quietly(() => withDirectory(this.#root, path === "" ? "." : path, namesIn).sort()) ?? [];
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

  async #digest(path: string): Promise<string> {
    const file = this.#open(path);
    const digester = new Digester();
    for await (const chunk of createReadStream("", { fd: file, highWaterMark: READ_CHUNK_BYTES }))
      digester.update(chunk);
    return digester.digest();
  }

  #open(path: string): number {
    const file = openInRoot(
      this.#root,
      path,
      constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
    );
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

/** O_PATH of <fcntl.h> on Linux, which fs.constants does not have: only resolves, opens nothing. */
const PATH_ONLY = 0o10000000;
