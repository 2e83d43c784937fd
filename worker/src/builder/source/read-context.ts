import path from "node:path";
import { SlipwayError } from "@slipway/protocol";
import { Digester } from "../../content/digest.ts";
import { asTarError, TarProblem } from "../../layer/tar-problem.ts";
import { entryPath } from "../../layer/tar-reader.ts";
import { type ScannedEntry, type ScannedTar, TarScanner } from "../../layer/tar-scanner.ts";
import type { ContextLimits } from "../builder.ts";
import { breath } from "./breath.ts";
import { type ContextEntry, ContextTree } from "./context-tree.ts";
import { PackWriter } from "./pack.ts";

/** Longest path of a context entry, characters; PATH_MAX. */
const MAX_PATH_CHARACTERS = 4096;
/** All paths together, with those of directories that only lie on the way: they are held in memory. */
const MAX_NAMES_CHARACTERS = 64 * 1024 * 1024;
/** What a tar has beside content, for each entry: headers, long names, padding. */
const OVERHEAD_BYTES = 8192;
/** A tar up to this size becomes a file only when a step needs one: most contexts are a Dockerfile and a little more. */
const HELD_BYTES = 64 * 1024;

/**
 * Reads a context tar into a tree. The tar itself is kept in `directory`, as it came, and the contents lie in it; each
 * file has its digest. A small one is kept in memory. Rejects with `context-too-large` and `context-invalid`. The caller removes the directory.
 */
export async function readContext(
  tar: AsyncIterable<Uint8Array>,
  directory: string,
  limits: ContextLimits,
  signal: AbortSignal,
): Promise<ContextTree> {
  signal.throwIfAborted();
  const file = path.join(directory, "pack");
  const pack = new PackWriter(file, HELD_BYTES);
  const reader = new ContextReader(new ContextTree(file), limits);
  let isWhole = false;
  try {
    await readAll(tar, pack, reader, limits, signal);
    isWhole = true;
  } catch (error) {
    signal.throwIfAborted();
    throw asTarError(error, "The build context");
  } finally {
    const bytes = await pack.close(isWhole);
    if (bytes) reader.tree.holdPack(bytes);
  }
  return reader.tree;
}

async function readAll(
  tar: AsyncIterable<Uint8Array>,
  pack: PackWriter,
  reader: ContextReader,
  { maxBytes, maxEntries }: ContextLimits,
  signal: AbortSignal,
): Promise<void> {
  const scanner = new TarScanner(reader);
  const pause = breath(signal);
  const maxTarBytes = maxBytes + maxEntries * OVERHEAD_BYTES;
  let bytes = 0;
  for await (const chunk of tar) {
    signal.throwIfAborted();
    bytes += chunk.byteLength;
    if (bytes > maxTarBytes) throw tooLarge(`more than ${maxBytes} bytes`, { maxBytes });
    // A large chunk is scanned in parts, so that thousands of small files in it don't hold up everything else.
    for (let at = 0; at < chunk.byteLength; at += SCANNED_BYTES) {
      scanner.feed(chunk.subarray(at, at + SCANNED_BYTES));
      await pause();
    }
    await pack.write(chunk);
  }
  scanner.finish();
}

const SCANNED_BYTES = 64 * 1024;

class ContextReader implements ScannedTar {
  readonly tree: ContextTree;
  readonly #limits: ContextLimits;
  #current: { readonly name: string; readonly entry: ScannedEntry; readonly digester: Digester } | null =
    null;
  #entries = 0;
  #bytes = 0;

  constructor(tree: ContextTree, limits: ContextLimits) {
    this.tree = tree;
    this.#limits = limits;
  }

  entry(entry: ScannedEntry): void {
    this.#count(entry);
    const name = entryPath(entry.name);
    if (name === null || name.length > MAX_PATH_CHARACTERS)
      throw refused("has a path that leads out of it", entry);
    if (name === "") return;
    if (entry.type === "file") this.#current = { name, entry, digester: new Digester() };
    else this.#add(name, entry, this.#withoutContent(entry));
  }

  content(bytes: Uint8Array): void {
    this.#current?.digester.update(bytes);
  }

  end(): void {
    if (!this.#current) return;
    const { name, entry, digester } = this.#current;
    this.#current = null;
    const { mode, mtimeSeconds, sizeBytes, offset } = entry;
    this.#add(name, entry, {
      kind: "file",
      mode,
      mtimeSeconds,
      sizeBytes,
      target: "",
      digest: digester.digest(),
      content: offset,
      hasLinks: false,
    });
  }

  #withoutContent(entry: ScannedEntry): ContextEntry {
    const { mode, mtimeSeconds, type, linkName } = entry;
    const nothing = { mode, mtimeSeconds, sizeBytes: 0, target: "", digest: "", content: 0, hasLinks: false };
    if (type === "directory") return { ...nothing, kind: "directory" };
    if (type === "symlink") {
      if (linkName === "" || linkName.includes("\0")) throw refused("has a link without a target", entry);
      return { ...nothing, kind: "symlink", target: linkName };
    }
    if (type !== "link")
      throw refused(`has an entry that is not allowed (type ${JSON.stringify(entry.flag)})`, entry);
    const target = entryPath(linkName);
    const first = target === null ? null : this.tree.entry(target);
    if (first?.kind !== "file") throw refused("has a hard link to what is no file of it", entry);
    first.hasLinks = true;
    return first;
  }

  #add(name: string, entry: ScannedEntry, added: ContextEntry): void {
    if (!this.tree.add(name, added)) throw refused("has a path through what is no directory", entry);
    const { maxEntries } = this.#limits;
    if (this.tree.size > maxEntries || this.tree.nameCharacters > MAX_NAMES_CHARACTERS)
      throw tooLarge(`more than ${maxEntries} entries`, { maxEntries });
  }

  #count({ sizeBytes }: ScannedEntry): void {
    const { maxEntries, maxBytes } = this.#limits;
    this.#entries += 1;
    this.#bytes += sizeBytes;
    if (this.#entries > maxEntries) throw tooLarge(`more than ${maxEntries} entries`, { maxEntries });
    if (this.#bytes > maxBytes) throw tooLarge(`more than ${maxBytes} bytes`, { maxBytes });
  }
}

function refused(why: string, { name }: ScannedEntry): TarProblem {
  return new TarProblem(`${why}: "${name.slice(0, 200)}"`);
}

function tooLarge(what: string, params: Record<string, number>): SlipwayError {
  return new SlipwayError("context-too-large", `The build context has ${what}.`, { params });
}
