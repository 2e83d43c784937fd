import type { Readable } from "node:stream";
import type { Digest } from "@slipway/protocol";

/**
 * Blobs named by their SHA-256 digest, in the directory form of the OCI image layout (image-layout.md): one file
 * `blobs/sha256/<hex>` each, never changed once it is there.
 *
 * Guarantees: `ingest` and `put` are atomic and idempotent, and safe to run at the same time for the same blob. A kill
 * at any moment leaves whole blobs only; what was half written is cleaned when the store is opened.
 */
export interface ContentStore {
  /** The blob's size in bytes, or null when it is not there. */
  size(digest: Digest): Promise<number | null>;
  /**
   * Writes a stream as a blob. With `expected`, a stream of another digest or size fails with `store-corrupt`, and
   * nothing is kept. More than `limitBytes` fails with `disk-full`. Aborting ends it with the signal's reason.
   */
  ingest(source: AsyncIterable<Uint8Array>, options: IngestOptions): Promise<Blob>;
  /**
   * Takes over a file of the same file system as a blob: it is read once, made durable and renamed, so nobody else may hold
   * it open for writing. A file of another digest or size fails with `store-corrupt`, and stays where it is.
   */
  adopt(file: string, expected: Blob): Promise<void>;
  /**
   * Makes durable what `ingest` and `put` have stored so far. Before whatever refers to a blob from a durable place, such
   * as an index of images: without it a power cut can take blobs away (never leave torn ones, once the store is open).
   */
  sync(): Promise<void>;
  /** Writes bytes that are in memory. They may not change until it is done. */
  put(bytes: Uint8Array): Promise<Blob>;
  /** The whole blob, verified. Missing, changed or longer than `limitBytes`: `store-corrupt`. */
  bytes(digest: Digest, limitBytes: number): Promise<Uint8Array>;
  /**
   * The blob as a stream. The stream fails with `store-corrupt` at its end when the bytes are not those of the digest,
   * so whoever reads it uses the result only after the end.
   */
  stream(digest: Digest): Promise<Readable>;
  /** Digests of all blobs. */
  list(): Promise<Digest[]>;
  /** Counts as a use, as every other call that names a blob does. */
  touch(digest: Digest): void;
  /**
   * Takes a blob away, unless it was used at or after `sinceMs` (of performance.now(), in this process). False where it
   * stays; true also for a missing one. Safe beside all other calls.
   */
  removeUnused(digest: Digest, sinceMs: number): Promise<boolean>;
}

export interface Blob {
  readonly digest: Digest;
  readonly sizeBytes: number;
}

export interface IngestOptions {
  readonly limitBytes: number;
  readonly expected?: { readonly digest: Digest; readonly sizeBytes: number };
  readonly signal?: AbortSignal;
}
