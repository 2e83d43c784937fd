import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { type Digest, digestSchema } from "@slipway/protocol";
import { z } from "zod";
import type { ContentStore } from "../content/content-store.ts";
import { hexOf } from "../content/digest.ts";
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
});
export type CachedStep = z.infer<typeof cachedStepSchema>;

/**
 * Results of steps by cache key, one small file each. Losing one costs a step that runs again, so they are not synced;
 * one that is torn, or whose layer or snapshot is gone, counts as missing.
 */
export class LayerCache {
  readonly #directory: string;
  readonly #content: ContentStore;
  readonly #snapshotter: Snapshotter;

  constructor(directory: string, content: ContentStore, snapshotter: Snapshotter) {
    this.#directory = directory;
    this.#content = content;
    this.#snapshotter = snapshotter;
  }

  async open(): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
  }

  /** The result for this key on top of `parent`, or null. */
  async get(key: Digest, parent: string | null): Promise<CachedStep | null> {
    const step = await this.#read(key);
    if (!step || step.parent !== parent) return null;
    if (step.snapshot !== null && !(await this.#snapshotter.has(step.snapshot))) return null;
    if (step.layer && (await this.#content.size(step.layer.digest)) !== step.layer.sizeBytes) return null;
    return step;
  }

  async set(key: Digest, step: CachedStep): Promise<void> {
    const file = path.join(this.#directory, hexOf(key));
    const half = `${file}.${randomUUID()}`;
    try {
      await writeFile(half, JSON.stringify(step), { mode: 0o600 });
      await rename(half, file);
    } catch (error) {
      await rm(half, { force: true });
      throw error;
    }
  }

  async #read(key: Digest): Promise<CachedStep | null> {
    try {
      const text = await readFile(path.join(this.#directory, hexOf(key)), "utf8");
      return cachedStepSchema.safeParse(JSON.parse(text)).data ?? null;
    } catch {
      return null;
    }
  }
}
