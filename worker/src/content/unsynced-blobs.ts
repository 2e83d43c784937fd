import { createReadStream, rmSync } from "node:fs";
import { mkdir, readdir, rm } from "node:fs/promises";
import path from "node:path";
import { syncFile } from "@slipway/native";
import { syncDirectory } from "./atomic-file.ts";
import { Digester } from "./digest.ts";

/** Blobs that are made durable at the same time: the file system's journal serves them together. */
const SYNCS_AT_ONCE = 4;

interface Pending {
  /** How many are giving it its name at this moment. */
  publishing: number;
  /** How often that has ended. */
  published: number;
}

/**
 * Which blobs a power cut could still tear: they have their names, but were not synced. Each has an empty file of its
 * name in a directory beside, made before the blob is renamed into place; file systems with a journal keep that order.
 * A kill of the process tears nothing, it only leaves more to look at when the store is opened again.
 */
export class UnsyncedBlobs {
  readonly #blobs: string;
  readonly #markers: string;
  readonly #pending = new Map<string, Pending>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(blobs: string, markers: string) {
    this.#blobs = blobs;
    this.#markers = markers;
  }

  /** Removes the blobs that are not whole among those that were not synced when the store was last used. */
  async open(): Promise<void> {
    await mkdir(this.#markers, { recursive: true, mode: 0o700 });
    for (const hex of await readdir(this.#markers)) {
      this.#pending.set(hex, { publishing: 0, published: 1 });
      if (!(await isWhole(path.join(this.#blobs, hex), hex)))
        await rm(path.join(this.#blobs, hex), { force: true });
    }
    await this.sync();
  }

  /** Runs `work`, which gives the blob its name after it has made the marker that it is given. */
  async publish(hex: string, work: (marker: string) => Promise<void>): Promise<void> {
    const entry = this.#pending.get(hex) ?? { publishing: 0, published: 0 };
    this.#pending.set(hex, entry);
    entry.publishing += 1;
    try {
      await work(path.join(this.#markers, hex));
    } finally {
      entry.publishing -= 1;
      entry.published += 1;
    }
  }

  /** Makes all blobs durable whose `publish` has ended. */
  async sync(): Promise<void> {
    // One after the other: whoever calls meanwhile must not return before those are durable that another is at.
    const sync = this.#last.then(() => this.#sync());
    this.#last = sync.catch(() => undefined);
    await sync;
  }

  async #sync(): Promise<void> {
    const pending = [...this.#pending]
      .filter(([, { publishing }]) => publishing === 0)
      .map(([hex, entry]) => ({ hex, entry, published: entry.published }));
    if (pending.length === 0) return;
    for (let start = 0; start < pending.length; start += SYNCS_AT_ONCE) {
      const some = pending.slice(start, start + SYNCS_AT_ONCE);
      await Promise.all(some.map(({ hex }) => syncFile(path.join(this.#blobs, hex))));
    }
    await syncDirectory(this.#blobs);
    for (const { hex, entry, published } of pending) {
      // One that was replaced meanwhile is as unsynced as before. Synchronous, so that nobody comes between.
      if (entry.publishing > 0 || entry.published !== published) continue;
      this.#pending.delete(hex);
      rmSync(path.join(this.#markers, hex), { force: true });
    }
  }
}

async function isWhole(file: string, hex: string): Promise<boolean> {
  const digester = new Digester();
  try {
    for await (const chunk of createReadStream(file)) digester.update(chunk as Uint8Array);
  } catch {
    return false;
  }
  return digester.digest() === `sha256:${hex}`;
}
