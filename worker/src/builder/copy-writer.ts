import { closeSync, constants, fstatSync } from "node:fs";
import { openInRoot } from "@slipway/native";
import { SlipwayError } from "@slipway/protocol";
import { errnoOf } from "../content/atomic-file.ts";
import { applyTar } from "../layer/apply.ts";
import { DIRECTORY, openDirectory } from "../layer/descriptors.ts";
import { LAYER_LIMITS } from "../layer/layer.ts";
import { type Metadata, TreeWriter } from "../layer/tree-writer.ts";
import { ARCHIVE_HEAD_BYTES, detectArchive, openArchive } from "./local-archive.ts";
import { type Owner, resolveOwner } from "./owner.ts";
import { type SourceNode, type SourceTree, walkSource } from "./source/source-tree.ts";

/** One thing that a COPY copies. */
export interface CopyItem {
  readonly tree: SourceTree;
  /** Path in the tree, links resolved. */
  readonly resolved: string;
  /** What it is called in a destination directory. */
  readonly name: string;
  /** Of a directory the content is copied, not the directory itself. */
  readonly isDirectory: boolean;
}

export interface CopyTarget {
  /** Relative to the root of the image. */
  readonly path: string;
  /** True when the instruction says that it is a directory; it may be one anyway. */
  readonly isDirectory: boolean;
  readonly chown: string | null;
  readonly mode: number | null;
  /** ADD: archives are unpacked. */
  readonly unpack: boolean;
}

/** Copies into the file system at `root`, which nobody else changes meanwhile. */
export async function writeCopies(
  root: string,
  items: readonly CopyItem[],
  target: CopyTarget,
  signal: AbortSignal,
): Promise<void> {
  const owner = target.chown === null ? null : resolveOwner(root, target.chown);
  const writer = new CopyWriter(root, target, owner, signal);
  try {
    for (const item of items) await writer.copy(item);
  } catch (error) {
    writer.abandon();
    throw asCopyError(error, target);
  }
  writer.close();
}

class CopyWriter {
  readonly #root: string;
  readonly #writer: TreeWriter;
  readonly #target: CopyTarget;
  readonly #owner: Owner | null;
  readonly #signal: AbortSignal;

  constructor(root: string, target: CopyTarget, owner: Owner | null, signal: AbortSignal) {
    this.#root = root;
    this.#writer = new TreeWriter(root);
    this.#target = target;
    this.#owner = owner;
    this.#signal = signal;
  }

  close(): void {
    this.#writer.close();
  }

  abandon(): void {
    this.#writer.abandon();
  }

  async copy(item: CopyItem): Promise<void> {
    const { path } = this.#target;
    if (item.isDirectory) {
      this.#directory(path);
      await this.#tree(item, path);
      return;
    }
    if (this.#target.unpack && (await this.#unpacked(item))) return;
    const inside = this.#target.isDirectory || this.#isDirectory(path);
    if (inside) this.#directory(path);
    await this.#tree(item, inside ? join(path, item.name) : path);
  }

  /** Missing directories of the destination are made, with the owner that was asked for. */
  #directory(path: string): void {
    this.#writer.ensureDirectory(path, {
      mode: 0o755,
      uid: this.#owner?.uid ?? 0,
      gid: this.#owner?.gid ?? 0,
      mtimeSeconds: 0,
    });
  }

  async #tree(item: CopyItem, destination: string): Promise<void> {
    for (const { path, node } of walkSource(item.tree, item.resolved)) {
      this.#signal.throwIfAborted();
      if (path === "" && node.kind === "directory") continue;
      await this.#write(join(destination, path), node);
    }
  }

  async #write(path: string, node: SourceNode): Promise<void> {
    const metadata = this.#metadata(node);
    const existing = this.#writer.kindOf(path);
    // As in BuildKit: a directory that is there stays as it is, and neither kind takes the place of the other.
    if (existing !== "missing" && (existing === "directory") !== (node.kind === "directory")) {
      throw new InTheWay(`/${path}`);
    }
    if (node.kind === "directory") {
      if (existing === "missing") this.#writer.directory(path, metadata);
    } else if (node.kind === "symlink") this.#writer.symbolicLink(path, node.target, metadata);
    else await this.#writer.file(path, metadata, node.content());
  }

  #metadata(node: SourceNode): Metadata {
    return {
      mode: this.#target.mode ?? node.mode,
      uid: this.#owner?.uid ?? node.uid,
      gid: this.#owner?.gid ?? node.gid,
      mtimeSeconds: node.mtimeSeconds,
    };
  }

  /** Unpacks the item into the destination when it is an archive. */
  async #unpacked(item: CopyItem): Promise<boolean> {
    const node = item.tree.lstat(item.resolved);
    if (node?.kind !== "file") return false;
    const form = detectArchive(await headOf(node));
    if (form === null) return false;
    this.#directory(this.#target.path);
    const root = openDirectory(this.#root);
    let destination: number;
    try {
      destination = openInRoot(root, this.#target.path || ".", DIRECTORY);
    } finally {
      closeSync(root);
    }
    await applyTar(openArchive(form, stream(node)), destination, {
      limits: LAYER_LIMITS,
      whiteouts: "keep",
      subject: `The archive ${item.name}`,
      signal: this.#signal,
      ...(this.#owner ? { owner: this.#owner } : {}),
    });
    return true;
  }

  #isDirectory(path: string): boolean {
    const root = openDirectory(this.#root);
    try {
      const found = openInRoot(root, path || ".", constants.O_RDONLY | constants.O_NONBLOCK);
      try {
        return fstatSync(found).isDirectory();
      } finally {
        closeSync(found);
      }
    } catch (error) {
      if (errnoOf(error) === "ENOENT" || errnoOf(error) === "ENOTDIR" || errnoOf(error) === "ENXIO")
        return false;
      throw error;
    } finally {
      closeSync(root);
    }
  }
}

async function* stream(node: SourceNode): AsyncGenerator<Uint8Array> {
  const content = node.content();
  if (content instanceof Uint8Array) yield content;
  else yield* content;
}

async function headOf(node: SourceNode): Promise<Uint8Array> {
  for await (const chunk of stream(node)) return chunk.subarray(0, ARCHIVE_HEAD_BYTES);
  return new Uint8Array();
}

const join = (directory: string, name: string): string =>
  [directory, name].filter((part) => part !== "").join("/");

class InTheWay extends Error {}

const IN_THE_WAY = new Set(["ENOTDIR", "EEXIST", "EISDIR", "ELOOP", "ENAMETOOLONG"]);

function asCopyError(error: unknown, target: CopyTarget): unknown {
  if (!(error instanceof InTheWay) && !IN_THE_WAY.has(errnoOf(error) ?? "")) return error;
  const destination = (error instanceof InTheWay ? error.message : `/${target.path}`).slice(0, 1000);
  return new SlipwayError("dockerfile-invalid", `Can't copy to "${destination}": something else is there.`, {
    params: { destination },
    cause: error,
  });
}
