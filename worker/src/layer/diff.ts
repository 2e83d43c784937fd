import { closeSync, createReadStream, readFileSync } from "node:fs";
import { SlipwayError } from "@slipway/protocol";
import type { ContentStore } from "../content/content-store.ts";
import { openDirectory } from "./descriptors.ts";
import type { DiffedLayer, LayerLimits } from "./layer.ts";
import { encodeTarHeader, TAR_END, type TarHeader, tarPadding } from "./tar-encoder.ts";
import { opaquePath, type UpperEntry, walkUpper, whiteoutPath } from "./upper-walk.ts";

/** Files up to this size are read at once; larger ones are streamed. */
const SMALL_FILE_BYTES = 256 * 1024;
/** Headers and small files are gathered into chunks of about this size. */
const CHUNK_BYTES = 256 * 1024;

export interface DiffOptions {
  readonly content: ContentStore;
  readonly limits: LayerLimits;
  readonly signal?: AbortSignal;
}

/**
 * Writes what the upper directory of an overlay changes as a layer into the content store. The same tree gives the same
 * bytes: entries are sorted, names of users are left out, times are whole seconds. Null when nothing was changed.
 */
export async function diffUpper(
  upper: string,
  lowers: readonly string[],
  options: DiffOptions,
): Promise<DiffedLayer | null> {
  const root = openDirectory(upper);
  const below: number[] = [];
  try {
    for (const lower of lowers) below.push(openDirectory(lower));
    const packer = new Packer(options.limits);
    const entries = walkUpper(root, below);
    const first = entries.next();
    if (first.done) return null;
    const blob = await options.content.ingest(gathered(packer.pack(first.value, entries)), {
      // Headers come on top of the content; each entry has a block or a few.
      limitBytes: options.limits.maxBytes + options.limits.maxEntries * 4096,
      ...(options.signal ? { signal: options.signal } : {}),
    });
    return { ...blob, bytesAdded: packer.bytesAdded, filesChanged: packer.filesChanged };
  } finally {
    for (const descriptor of [root, ...below]) closeSync(descriptor);
  }
}

class Packer {
  readonly #limits: LayerLimits;
  /** First path of each file that has several names, by device and inode. */
  readonly #links = new Map<string, string>();
  #entries = 0;
  bytesAdded = 0;
  filesChanged = 0;

  constructor(limits: LayerLimits) {
    this.#limits = limits;
  }

  async *pack(first: UpperEntry, rest: Iterable<UpperEntry>): AsyncGenerator<Uint8Array> {
    yield* this.#entry(first);
    for (const entry of rest) yield* this.#entry(entry);
    yield TAR_END;
  }

  async *#entry(entry: UpperEntry): AsyncGenerator<Uint8Array> {
    const { path, stats } = entry;
    this.#entries += 1;
    if (this.#entries > this.#limits.maxEntries) throw tooLarge(`${this.#limits.maxEntries} entries`);
    if (!entry.existedBelow) this.filesChanged += 1;
    if (entry.isWhiteout) yield whiteout(whiteoutPath(path));
    else if (stats.isDirectory()) {
      yield encodeTarHeader({ ...headerOf(entry), path: `${path}/`, type: "directory" });
      if (entry.isOpaque) yield whiteout(opaquePath(path));
    } else if (stats.isFile()) yield* this.#file(entry);
    else if (stats.isSymbolicLink()) {
      yield encodeTarHeader({ ...headerOf(entry), type: "symlink", linkTarget: entry.linkTarget() });
    } else if (stats.isFIFO()) yield encodeTarHeader({ ...headerOf(entry), type: "fifo" });
    // Sockets mean nothing without their process, and devices can't be made in a container.
  }

  async *#file(entry: UpperEntry): AsyncGenerator<Uint8Array> {
    const { path, stats } = entry;
    if (stats.nlink > 1) {
      const inode = `${stats.dev}:${stats.ino}`;
      const first = this.#links.get(inode);
      if (first !== undefined) {
        yield encodeTarHeader({ ...headerOf(entry), type: "link", linkTarget: first });
        return;
      }
      this.#links.set(inode, path);
    }
    this.bytesAdded += stats.size;
    if (this.bytesAdded > this.#limits.maxBytes) throw tooLarge(`${this.#limits.maxBytes} bytes`);
    yield encodeTarHeader({
      ...headerOf(entry),
      type: "file",
      sizeBytes: stats.size,
      attributes: entry.attributes(),
    });
    const file = entry.open();
    if (stats.size > SMALL_FILE_BYTES) yield* createReadStream("", { fd: file, highWaterMark: CHUNK_BYTES });
    else {
      try {
        yield readFileSync(file);
      } finally {
        closeSync(file);
      }
    }
    yield tarPadding(stats.size);
  }
}

/** Joins small chunks, so that a layer of many small files takes few writes. */
async function* gathered(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of source) {
    chunks.push(chunk);
    bytes += chunk.byteLength;
    if (bytes < CHUNK_BYTES) continue;
    yield Buffer.concat(chunks, bytes);
    chunks = [];
    bytes = 0;
  }
  if (bytes > 0) yield Buffer.concat(chunks, bytes);
}

function whiteout(path: string): Uint8Array {
  return encodeTarHeader({ path, type: "file", mode: 0, uid: 0, gid: 0, sizeBytes: 0, mtimeSeconds: 0 });
}

function headerOf({ path, stats }: UpperEntry): Omit<TarHeader, "type"> {
  return {
    path,
    mode: stats.mode & 0o7777,
    uid: stats.uid,
    gid: stats.gid,
    sizeBytes: 0,
    mtimeSeconds: Math.floor(stats.mtimeMs / 1000),
  };
}

function tooLarge(limit: string): SlipwayError {
  return new SlipwayError("disk-full", `A layer may have ${limit} at most.`, { params: { limit } });
}
