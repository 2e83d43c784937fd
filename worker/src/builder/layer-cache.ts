import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { type Digest, digestSchema, fileChangesSchema } from "@slipway/protocol";
import { z } from "zod";
import type { ContentStore } from "../content/content-store.ts";
import { hexOf } from "../content/digest.ts";
import type { EvictableCache, EvictableEntry } from "../image-store/image-store.ts";
import type { Snapshotter } from "../snapshot/snapshotter.ts";

const cachedStepSchema = z.object({
  /** The snapshot that the step ran on; its layer fits on this one only. */
  parent: z.string().nullable(),
  /** The snapshot with the step's changes; the parent's where nothing was changed. */
  snapshot: z.string().nullable(),
  /** Null when nothing was changed. */
  layer: z
    .object({ digest: digestSchema, diffId: digestSchema, sizeBytes: z.number(), mediaType: z.string() })
    .nullable(),
  createdAt: z.string(),
  bytesAdded: z.number(),
  filesChanged: z.number(),
  /** Results of earlier versions have none. */
  files: fileChangesSchema.optional(),
});
export type CachedStep = z.infer<typeof cachedStepSchema>;

/** Results that are kept in memory; of others the files are read again. */
const MEMORY_ENTRIES = 20_000;
/** A use is written to the disk when the one written before is older. */
const USE_INTERVAL_MS = 600_000;
const HEX = /^[0-9a-f]{64}$/;

interface Remembered {
  readonly step: CachedStep;
  usedMs: number;
  /** The use that the file's time says. */
  writtenMs: number;
}

/**
 * Results of steps by cache key: one small file each, whose time is the last use, and those used last in memory. Losing
 * one costs a step that runs again, so they are not synced; one that is torn, or whose layer or snapshot is gone, counts
 * as missing.
 */
export class LayerCache implements EvictableCache {
  readonly #directory: string;
  readonly #content: ContentStore;
  readonly #snapshotter: Snapshotter;
  /** The one used longest ago comes first. */
  readonly #memory = new Map<string, Remembered>();
  /** Of those that are not in memory, what was read for a collection; one for each file at most. */
  readonly #listed = new Map<string, EvictableEntry>();

  constructor(directory: string, content: ContentStore, snapshotter: Snapshotter) {
    this.#directory = directory;
    this.#content = content;
    this.#snapshotter = snapshotter;
  }

  async open(): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    for (const name of await readdir(this.#directory))
      if (!HEX.test(name)) await rm(path.join(this.#directory, name), { force: true });
  }

  /** The result for this key on top of `parent`, or null. */
  async get(key: Digest, parent: string | null): Promise<CachedStep | null> {
    return this.peek(key, parent) ?? (await this.#load(key, parent));
  }

  /** What `get` finds without the disk. */
  peek(key: Digest, parent: string | null): CachedStep | null {
    const known = this.#memory.get(hexOf(key));
    if (!known || known.step.parent !== parent) return null;
    const { layer, snapshot } = known.step;
    if (layer) this.#content.touch(layer.digest);
    if (snapshot !== null) this.#snapshotter.touch(snapshot);
    this.#use(hexOf(key), known);
    return known.step;
  }

  async set(key: Digest, step: CachedStep): Promise<void> {
    const file = this.#file(hexOf(key));
    const half = `${file}.${randomUUID()}`;
    this.#remember(hexOf(key), step, Date.now());
    try {
      await writeFile(half, JSON.stringify(step), { mode: 0o600 });
      await rename(half, file);
    } catch (error) {
      await rm(half, { force: true });
      throw error;
    }
  }

  async *entries(): AsyncIterable<EvictableEntry> {
    const written = (await readdir(this.#directory)).filter((name) => HEX.test(name));
    // What is only in memory, as after a file that could not be written, is found as well, and so it keeps what it names.
    for (const key of new Set([...written, ...this.#memory.keys()])) {
      const known = this.#memory.get(key);
      if (known) yield entryOf(key, known.step, known.usedMs);
      else {
        const listed = this.#listed.get(key) ?? (await this.#list(key));
        if (listed) yield listed;
      }
    }
  }

  /** Reads what a result keeps, once: only a use changes it, and used ones are in memory. */
  async #list(key: string): Promise<EvictableEntry | null> {
    const step = await this.#read(key);
    const usedMs = await this.#timeOf(key);
    if (!step || usedMs === null) return null;
    const entry = entryOf(key, step, usedMs);
    this.#listed.set(key, entry);
    return entry;
  }

  async evict(key: string): Promise<void> {
    this.#memory.delete(key);
    this.#listed.delete(key);
    await rm(this.#file(key), { force: true });
  }

  async #load(key: Digest, parent: string | null): Promise<CachedStep | null> {
    const hex = hexOf(key);
    if (this.#memory.has(hex)) return null;
    const step = await this.#read(key);
    if (!step) return null;
    if (step.snapshot !== null && !(await this.#snapshotter.has(step.snapshot))) return null;
    if (step.layer && (await this.#content.size(step.layer.digest)) !== step.layer.sizeBytes) return null;
    const writtenMs = await this.#timeOf(hex);
    // Gone, or replaced, while its parts were looked at.
    if (writtenMs === null || this.#memory.has(hex)) return this.peek(key, parent);
    this.#remember(hex, step, writtenMs);
    return this.peek(key, parent);
  }

  #remember(hex: string, step: CachedStep, writtenMs: number): void {
    this.#memory.delete(hex);
    this.#listed.delete(hex);
    this.#memory.set(hex, { step, usedMs: Date.now(), writtenMs });
    for (const oldest of this.#memory.keys()) {
      if (this.#memory.size <= MEMORY_ENTRIES) break;
      this.#memory.delete(oldest);
    }
  }

  #use(hex: string, known: Remembered): void {
    known.usedMs = Date.now();
    this.#memory.delete(hex);
    this.#memory.set(hex, known);
    if (known.usedMs - known.writtenMs < USE_INTERVAL_MS) return;
    known.writtenMs = known.usedMs;
    // A use that can't be written down makes the result go earlier, no more.
    utimes(this.#file(hex), new Date(), new Date()).catch(() => undefined);
  }

  async #read(key: string): Promise<CachedStep | null> {
    try {
      const text = await readFile(this.#file(key.replace(/^sha256:/, "")), "utf8");
      return cachedStepSchema.safeParse(JSON.parse(text)).data ?? null;
    } catch {
      return null;
    }
  }

  async #timeOf(hex: string): Promise<number | null> {
    try {
      return (await stat(this.#file(hex))).mtimeMs;
    } catch {
      return null;
    }
  }

  #file(hex: string): string {
    return path.join(this.#directory, hex);
  }
}

const entryOf = (key: string, { snapshot, layer }: CachedStep, lastUsedMs: number): EvictableEntry => ({
  key,
  snapshot,
  blob: layer?.digest ?? null,
  lastUsedMs,
});
