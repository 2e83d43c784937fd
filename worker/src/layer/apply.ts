import { closeSync } from "node:fs";
import { type EntryMetadata, TreeApplier, TreeSteps } from "@slipway/native";
import type { IdRange } from "../snapshot/snapshotter.ts";
import { openDirectory } from "./descriptors.ts";
import { type LayerLimits, OPAQUE_WHITEOUT, WHITEOUT_PREFIX } from "./layer.ts";
import { bytesOf } from "./name-bytes.ts";
import { asTarError, TarProblem, TarTooLarge } from "./tar-problem.ts";
import { entryPath } from "./tar-reader.ts";
import { type ScannedEntry, type ScannedTar, TarScanner } from "./tar-scanner.ts";

export interface ApplyOptions {
  readonly limits: LayerLimits;
  /** "apply" carries whiteouts out, as for a layer; "keep" takes them for files, as for an archive of a person. */
  readonly whiteouts: "apply" | "keep";
  /** What an archive is called in errors. */
  readonly subject: string;
  readonly signal?: AbortSignal;
  /** Takes the place of the owners that the tar names. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  /** Directory of `root` that the tar is unpacked in, as a name of name-bytes.ts without links; `root` itself when missing. */
  readonly below?: string;
  /** The ids that `root` has in place of those from 0 on; others are refused. Somebody else may write there meanwhile. */
  readonly ids?: IdRange;
  /** Refuses what would replace a directory by something else, or the other way round. */
  readonly keepsKinds?: boolean;
}

/**
 * Unpacks a tar below `root` (a directory or its descriptor, which is closed). The tar may be hostile: nothing outside
 * of `root` is read or written. Refuses device nodes, `..` and what is above the limits with `context-invalid`; what
 * was written until then stays, so the caller unpacks into something that it can throw away.
 *
 * What comes is parsed on this thread, and written on another one while the next piece comes.
 */
export async function applyTar(
  tar: AsyncIterable<Uint8Array>,
  root: string | number,
  options: ApplyOptions,
): Promise<void> {
  const applier = openApplier(root, options);
  const planner = new StepPlanner(options);
  const scanner = new TarScanner(planner);
  let writing: Promise<void> = Promise.resolve();
  try {
    options.signal?.throwIfAborted();
    for await (const chunk of tar) {
      options.signal?.throwIfAborted();
      planner.begin(chunk);
      scanner.feed(chunk);
      const steps = planner.take();
      await writing;
      writing = applier.apply(steps, chunk);
      // It is awaited later, perhaps after it has failed.
      writing.catch(() => undefined);
    }
    scanner.finish();
    await writing;
    await applier.finish();
  } catch (error) {
    await writing.catch(() => undefined);
    options.signal?.throwIfAborted();
    throw asTarError(error, options.subject);
  } finally {
    applier.close();
  }
}

function openApplier(root: string | number, { ids, keepsKinds = false }: ApplyOptions): TreeApplier {
  const descriptor = typeof root === "number" ? root : openDirectory(root);
  try {
    return new TreeApplier(descriptor, { keepsKinds, ...(ids ? { firstHostId: ids.firstHostId } : {}) });
  } finally {
    closeSync(descriptor);
  }
}

/** Turns entries of a tar into steps that write them. */
class StepPlanner implements ScannedTar {
  readonly #options: ApplyOptions;
  /** Names that this tar wrote, by directory: an opaque whiteout does not remove them. */
  readonly #written = new Map<string, Set<string>>();
  #steps = new TreeSteps();
  /** Place of the chunk at hand in its memory. */
  #chunkStart = 0;
  #isFile = false;
  #entries = 0;
  #bytes = 0;

  constructor(options: ApplyOptions) {
    this.#options = options;
  }

  /** The chunk that `content` gets parts of from here on. */
  begin(chunk: Uint8Array): void {
    this.#chunkStart = chunk.byteOffset;
  }

  /** The steps since the last time. */
  take(): TreeSteps {
    const steps = this.#steps;
    this.#steps = new TreeSteps();
    return steps;
  }

  entry(entry: ScannedEntry): void {
    this.#count(entry.sizeBytes);
    this.#isFile = false;
    const path = entryPath(entry.name);
    if (path === null) throw invalid(`leads out of the archive: "${shown(entry.name)}"`);
    const name = path.slice(path.lastIndexOf("/") + 1);
    if (this.#options.whiteouts === "apply" && name.startsWith(WHITEOUT_PREFIX)) {
      this.#whiteout(path, name);
    } else if (path !== "") {
      this.#write(path, entry);
      if (this.#options.whiteouts === "apply") this.#remember(path);
    }
  }

  content(bytes: Uint8Array): void {
    if (this.#isFile) this.#steps.content(bytes.byteOffset - this.#chunkStart, bytes.byteLength);
  }

  end(): void {
    if (this.#isFile) this.#steps.fileEnd();
    this.#isFile = false;
  }

  #count(sizeBytes: number): void {
    const { maxEntries, maxBytes } = this.#options.limits;
    this.#entries += 1;
    this.#bytes += sizeBytes;
    if (this.#entries > maxEntries) throw new TarTooLarge(`has more than ${maxEntries} entries`);
    if (this.#bytes > maxBytes) throw new TarTooLarge(`unpacks to more than ${maxBytes} bytes`);
  }

  #whiteout(path: string, name: string): void {
    const directory = directoryOf(path);
    const written = this.#written.get(directory) ?? new Set();
    if (name === OPAQUE_WHITEOUT) {
      const kept = [...written].map(bytes);
      this.#steps.empty(bytes(directory === "" ? "." : directory), kept);
      return;
    }
    const removed = name.slice(WHITEOUT_PREFIX.length);
    if (removed === "" || removed === "." || removed === "..")
      throw invalid(`has the whiteout "${shown(name)}"`);
    if (!written.has(removed))
      this.#steps.remove(bytes(directory === "" ? removed : `${directory}/${removed}`));
  }

  /** Keeps the path and those above it. */
  #remember(path: string): void {
    for (let known = path; known !== ""; known = directoryOf(known)) {
      const directory = directoryOf(known);
      const names = this.#written.get(directory) ?? new Set();
      const name = known.slice(known.lastIndexOf("/") + 1);
      if (names.has(name)) return;
      this.#written.set(directory, names.add(name));
    }
  }

  #write(name: string, entry: ScannedEntry): void {
    const path = this.#placed(name);
    const metadata: EntryMetadata = {
      mode: entry.mode,
      uid: entry.uid,
      gid: entry.gid,
      mtimeSeconds: entry.mtimeSeconds,
      ...this.#options.owner,
    };
    const { size } = this.#options.ids ?? { size: Number.POSITIVE_INFINITY };
    if (metadata.uid >= size || metadata.gid >= size) {
      throw invalid(`has an owner that the container does not know: "${shown(name)}"`);
    }
    if (entry.type === "directory") this.#steps.directory(bytes(path), metadata);
    else if (entry.type === "fifo") this.#steps.fifo(bytes(path), metadata);
    else if (entry.type === "symlink") {
      this.#steps.symlink(bytes(path), bytes(checkedTarget(entry.linkName)), metadata);
    } else if (entry.type === "link") this.#hardLink(path, entry.linkName);
    else if (entry.type === "file") {
      this.#isFile = true;
      this.#steps.file(bytes(path), metadata, entry.capability ?? undefined);
    } else throw invalid(`has an entry that is not allowed (type ${entry.flag}): "${shown(name)}"`);
  }

  #hardLink(path: string, linkName: string): void {
    const target = entryPath(linkName);
    if (target === null || target === "")
      throw invalid(`has a link out of the archive: "${shown(linkName)}"`);
    const placed = this.#placed(target);
    if (placed !== path) this.#steps.hardLink(bytes(path), bytes(placed));
  }

  /** A path of the tar as one of the root. */
  #placed(path: string): string {
    const { below = "" } = this.#options;
    return below === "" ? path : `${below}/${path}`;
  }
}

const directoryOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf("/")));

/** A name of name-bytes.ts as the bytes that it stands for. */
const bytes = (name: string): Uint8Array => Buffer.from(bytesOf(name));

function checkedTarget(target: string): string {
  if (target === "") throw invalid("has a link without a target");
  if (target.includes("\0")) throw invalid("has a link whose target holds a null byte");
  return target;
}

const shown = (name: string): string => name.slice(0, 200);

const invalid = (what: string): TarProblem => new TarProblem(what);
