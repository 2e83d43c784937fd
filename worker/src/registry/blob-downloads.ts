import { rm } from "node:fs/promises";
import { SlipwayError } from "@slipway/protocol";
import type { ContentStore } from "../content/content-store.ts";
import type { Connection } from "./connection.ts";
import { blobInvalid, download } from "./download.ts";
import { type PartialFiles, sizeOf } from "./partial-files.ts";
import type { AnnouncedBlob } from "./registry.ts";
import { Slots } from "./slots.ts";

/** Downloads of the worker at the same time. */
const MOST_DOWNLOADS = 12;

type OnBytes = (receivedBytes: number) => void;

interface Running {
  readonly ended: Promise<unknown>;
  readonly listeners: Set<OnBytes>;
}

/** Brings blobs of registries into the content store, each once for all who want it from the same host at the same time. */
export class BlobDownloads {
  readonly #content: ContentStore;
  readonly #partials: PartialFiles;
  readonly #slots = new Slots(MOST_DOWNLOADS);
  readonly #running = new Map<string, Running>();

  constructor(content: ContentStore, partials: PartialFiles) {
    this.#content = content;
    this.#partials = partials;
  }

  /** True when the blob is here, and as large as announced. */
  async has(blob: AnnouncedBlob): Promise<boolean> {
    return (await this.#content.size(blob.digest)) === blob.sizeBytes;
  }

  /** Resolves when the blob is in the store, verified. Rejects with `image-invalid`, `disk-full` and `registry-*`. */
  async fetch(
    connection: Connection,
    blob: AnnouncedBlob,
    onBytes: OnBytes,
    signal: AbortSignal,
  ): Promise<void> {
    // Hosts apart: nobody is made to wait for a slow host that somebody else chose.
    const key = `${connection.endpoint.origin.host}/${blob.digest}`;
    while (!(await this.has(blob))) {
      signal.throwIfAborted();
      const running = this.#running.get(key);
      if (!running) return await this.#begin(key, connection, blob, onBytes, signal);
      running.listeners.add(onBytes);
      await untilEndOr(running.ended, signal);
      running.listeners.delete(onBytes);
    }
  }

  async #begin(
    key: string,
    connection: Connection,
    blob: AnnouncedBlob,
    onBytes: OnBytes,
    signal: AbortSignal,
  ): Promise<void> {
    const listeners = new Set([onBytes]);
    const tell: OnBytes = (bytes) => {
      for (const listener of listeners) listener(bytes);
    };
    const run = this.#slots.run(signal, () => this.#receive(connection, blob, tell, signal));
    const ended = run.catch(() => undefined).finally(() => this.#running.delete(key));
    this.#running.set(key, { ended, listeners });
    await run;
  }

  async #receive(
    connection: Connection,
    blob: AnnouncedBlob,
    tell: OnBytes,
    signal: AbortSignal,
  ): Promise<void> {
    const file = this.#partials.take(connection.endpoint.origin.host, blob);
    try {
      const resumed = (await sizeOf(file)) > 0;
      await download(connection, blob, file, tell, signal);
      if (await this.#adopt(file, blob)) return;
      // The beginning may come from another day; it gets one chance to be whole.
      if (resumed) await download(connection, blob, file, tell, signal);
      if (resumed && (await this.#adopt(file, blob))) return;
      throw blobInvalid(connection, blob, "is not what its digest says");
    } finally {
      this.#partials.close(file);
      await this.#partials.clean();
    }
  }

  /** False for a file of another digest, which is removed. */
  async #adopt(file: string, blob: AnnouncedBlob): Promise<boolean> {
    try {
      await this.#content.adopt(file, blob);
      return true;
    } catch (error) {
      await rm(file, { force: true });
      if (error instanceof SlipwayError && error.code === "store-corrupt") return false;
      throw error;
    }
  }
}

async function untilEndOr(ended: Promise<unknown>, signal: AbortSignal): Promise<void> {
  let stop = () => {};
  const aborted = new Promise<void>((resolve) => {
    stop = resolve;
    signal.addEventListener("abort", stop, { once: true });
  });
  await Promise.race([ended, aborted]);
  signal.removeEventListener("abort", stop);
  signal.throwIfAborted();
}
