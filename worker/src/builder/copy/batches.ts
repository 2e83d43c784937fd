import { closeSync, constants, fchmodSync, fchownSync, futimesSync, writeSync } from "node:fs";
import { linkAt, openInRoot, type PlacedEntry, placeEntries, unlinkAt } from "@slipway/native";
import { errnoOf } from "../../content/atomic-file.ts";
import { bytesOf } from "../../layer/name-bytes.ts";
import { baseOf, parentOf, type SourceNode, type SourceTree } from "../source/source-tree.ts";
import { InTheWay, type UpperTree } from "./upper-tree.ts";

/** Entries of one call, and their bytes; a cancelled build waits for no more than these. */
const BATCH_ENTRIES = 256;
const BATCH_BYTES = 16 * 1024 * 1024;
/** Calls at a time: libuv's pool has four threads, and others need some. */
const BATCHES_AT_ONCE = 2;

export interface FileMetadata {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeSeconds: number;
}

interface Batch {
  readonly entries: PlacedEntry[];
  /** Directory of the source tree that the files are in. */
  readonly from: string;
  bytes: number;
}

/** Writes files and links of one source tree, gathered by directory into few large calls. */
export class Batches {
  readonly #tree: SourceTree;
  readonly #upper: UpperTree;
  readonly #signal: AbortSignal;
  readonly #pack: number | null;
  readonly #waiting = new Map<string, Batch>();
  readonly #running = new Set<Promise<void>>();
  /** Where what is no directory was put. */
  readonly #places = new Set<string>();
  /** Place of the first name of each file that has several. */
  readonly #inodes = new Map<string, string>();
  readonly #links: { readonly place: string; readonly first: string }[] = [];
  #failure: { readonly error: unknown } | null = null;

  constructor(tree: SourceTree, upper: UpperTree, signal: AbortSignal) {
    this.#tree = tree;
    this.#upper = upper;
    this.#signal = signal;
    this.#pack = tree.openPack();
  }

  /** Adds a file or a link; the directory of `place` is there. */
  async add(place: string, source: string, node: SourceNode, metadata: FileMetadata): Promise<void> {
    this.#upper.checkNoDirectory(parentOf(place), baseOf(place));
    const first = node.inode === null ? undefined : this.#inodes.get(node.inode);
    if (first !== undefined && first !== place) {
      this.#links.push({ place, first });
      return;
    }
    if (node.inode !== null) this.#inodes.set(node.inode, place);
    const isSecond = this.#places.has(place);
    this.#places.add(place);
    if (isSecond) await this.#settle();
    if (node.kind === "file" && node.stored instanceof Uint8Array)
      this.#writeInline(place, node.stored, metadata);
    else await this.#gather(place, source, node, metadata);
  }

  /** Throws InTheWay when something was put where a directory is to be. */
  checkDirectory(place: string): void {
    if (this.#places.has(place)) throw new InTheWay(`/${place}`);
  }

  /** Writes all that waits. */
  async finish(): Promise<void> {
    await this.#settle();
    for (const { place, first } of this.#links) this.#link(place, first);
  }

  /** Waits for what runs, and lets go. Never rejects. */
  async close(): Promise<void> {
    await Promise.all(this.#running);
    if (this.#pack !== null) closeSync(this.#pack);
  }

  async #gather(place: string, source: string, node: SourceNode, metadata: FileMetadata): Promise<void> {
    const directory = parentOf(place);
    const from = parentOf(source);
    let batch = this.#waiting.get(directory);
    if (batch && batch.from !== from) {
      await this.#start(directory);
      batch = undefined;
    }
    batch ??= { entries: [], from, bytes: 0 };
    this.#waiting.set(directory, batch);
    batch.bytes += node.sizeBytes;
    batch.entries.push(placed(baseOf(place), baseOf(source), node, metadata));
    if (batch.entries.length >= BATCH_ENTRIES || batch.bytes >= BATCH_BYTES) await this.#start(directory);
  }

  /** Starts the batch of a directory as soon as there is room for one more. */
  async #start(directory: string): Promise<void> {
    const batch = this.#waiting.get(directory);
    if (!batch) return;
    this.#waiting.delete(directory);
    while (this.#running.size >= BATCHES_AT_ONCE) await Promise.race(this.#running);
    this.#check();
    const running: Promise<void> = this.#write(directory, batch)
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async #settle(): Promise<void> {
    for (const directory of [...this.#waiting.keys()]) await this.#start(directory);
    await Promise.all(this.#running);
    this.#check();
  }

  #check(): void {
    this.#signal.throwIfAborted();
    if (this.#failure) throw this.#failure.error;
  }

  async #write(directory: string, { entries, from }: Batch): Promise<void> {
    const target = this.#upper.open(directory);
    let source: number | null = null;
    try {
      source = this.#tree.openDirectory(from);
      await placeEntries(target, { pack: this.#pack, from: source }, entries);
    } catch (error) {
      // What is there and can't be removed is a directory.
      const isDirectory = errnoOf(error) === "EISDIR" || errnoOf(error) === "EEXIST";
      throw isDirectory ? new InTheWay(`/${directory}`) : error;
    } finally {
      closeSync(target);
      if (source !== null) closeSync(source);
    }
  }

  #writeInline(place: string, content: Uint8Array, metadata: FileMetadata): void {
    const directory = this.#upper.open(parentOf(place));
    try {
      const name = bytesOf(baseOf(place));
      removeFile(directory, name);
      const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
      const file = openInRoot(directory, name, flags, 0o600);
      try {
        for (let done = 0; done < content.byteLength; ) done += writeSync(file, content, done);
        fchownSync(file, metadata.uid, metadata.gid);
        fchmodSync(file, metadata.mode & 0o7777);
        futimesSync(file, metadata.mtimeSeconds, metadata.mtimeSeconds);
      } finally {
        closeSync(file);
      }
    } finally {
      closeSync(directory);
    }
  }

  #link(place: string, first: string): void {
    const from = this.#upper.open(parentOf(first));
    try {
      const to = this.#upper.open(parentOf(place));
      try {
        removeFile(to, bytesOf(baseOf(place)));
        linkAt(from, bytesOf(baseOf(first)), to, bytesOf(baseOf(place)));
      } finally {
        closeSync(to);
      }
    } finally {
      closeSync(from);
    }
  }
}

function placed(name: string, source: string, node: SourceNode, metadata: FileMetadata): PlacedEntry {
  const common = { name: bytesOf(name), ...metadata };
  if (node.kind === "symlink") return { ...common, kind: "symlink", target: bytesOf(node.target) };
  if (typeof node.stored === "number")
    return { ...common, kind: "packed", offset: node.stored, sizeBytes: node.sizeBytes };
  return { ...common, kind: "file", source: bytesOf(source) };
}

function removeFile(directory: number, name: string | Uint8Array): void {
  try {
    unlinkAt(directory, name);
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error;
  }
}
