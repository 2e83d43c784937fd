import { randomUUID } from "node:crypto";
import { createReadStream, renameSync, statSync } from "node:fs";
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import { publishFile } from "@slipway/native";
import { type Digest, SlipwayError } from "@slipway/protocol";
import { asDiskError, errnoOf, syncDirectory, syncFile, writeFileAtomically } from "./atomic-file.ts";
import type { Blob, ContentStore, IngestOptions } from "./content-store.ts";
import { Digester, hexOf } from "./digest.ts";
import { HalfBlob } from "./half-blob.ts";
import { UnsyncedBlobs } from "./unsynced-blobs.ts";

/** Bytes that are gathered before they are written to the disk. */
const READ_CHUNK_BYTES = 256 * 1024;

/** Opens the store in `directory`, making it where it is new, and removes what an earlier process left half written. */
export async function openContentStore(directory: string): Promise<ContentStore> {
  const store = new DirectoryContentStore(directory);
  await store.open();
  return store;
}

class DirectoryContentStore implements ContentStore {
  readonly #directory: string;
  readonly #blobs: string;
  readonly #temporary: string;
  readonly #unsynced: UnsyncedBlobs;
  /** Last use of each blob in this process, of performance.now(). */
  readonly #used = new Map<Digest, number>();

  constructor(directory: string) {
    this.#directory = directory;
    this.#blobs = path.join(directory, "blobs", "sha256");
    this.#temporary = path.join(directory, "ingest");
    this.#unsynced = new UnsyncedBlobs(this.#blobs, path.join(directory, "unsynced"));
  }

  async open(): Promise<void> {
    await rm(this.#temporary, { recursive: true, force: true });
    await mkdir(this.#blobs, { recursive: true, mode: 0o700 });
    await mkdir(this.#temporary, { recursive: true, mode: 0o700 });
    await this.#unsynced.open();
    const layout = path.join(this.#directory, "oci-layout");
    if (await exists(layout)) return;
    await writeFileAtomically(
      layout,
      `${JSON.stringify({ imageLayoutVersion: "1.0.0" })}\n`,
      this.#temporary,
    );
  }

  async size(digest: Digest): Promise<number | null> {
    this.touch(digest);
    // A few microseconds; the way through the thread pool takes twenty times as long.
    return statSync(this.#file(digest), { throwIfNoEntry: false })?.size ?? null;
  }

  async ingest(source: AsyncIterable<Uint8Array>, options: IngestOptions): Promise<Blob> {
    const half = new HalfBlob(path.join(this.#temporary, randomUUID()));
    try {
      const blob = await copyTo(half, source, options);
      const bytes = await half.finish();
      await this.#publish(blob.digest, half.file, bytes);
      return blob;
    } catch (error) {
      await half.discard();
      throw asDiskError(error);
    }
  }

  async adopt(file: string, expected: Blob): Promise<void> {
    const digester = new Digester();
    for await (const chunk of createReadStream(file, { highWaterMark: READ_CHUNK_BYTES })) {
      digester.update(chunk as Uint8Array);
    }
    checkArrived({ digest: digester.digest(), sizeBytes: digester.sizeBytes }, expected);
    try {
      await syncFile(file);
      this.touch(expected.digest);
      await rename(file, this.#file(expected.digest));
      await syncDirectory(this.#blobs);
    } catch (error) {
      throw asDiskError(error);
    }
  }

  async put(bytes: Uint8Array): Promise<Blob> {
    const digester = new Digester().update(bytes);
    const blob = { digest: digester.digest(), sizeBytes: bytes.byteLength };
    if ((await this.size(blob.digest)) !== blob.sizeBytes) {
      const half = path.join(this.#temporary, randomUUID());
      try {
        await this.#publish(blob.digest, half, bytes);
      } catch (error) {
        await rm(half, { force: true });
        throw asDiskError(error);
      }
    }
    return blob;
  }

  async bytes(digest: Digest, limitBytes: number): Promise<Uint8Array> {
    const sizeBytes = await this.size(digest);
    if (sizeBytes === null) throw corrupt(digest, "is missing");
    if (sizeBytes > limitBytes) throw corrupt(digest, `has ${sizeBytes} bytes, more than ${limitBytes}`);
    const chunks: Uint8Array[] = [];
    for await (const chunk of await this.stream(digest)) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  async stream(digest: Digest): Promise<Readable> {
    if ((await this.size(digest)) === null) throw corrupt(digest, "is missing");
    const file = createReadStream(this.#file(digest), { highWaterMark: READ_CHUNK_BYTES });
    return Readable.from(verified(file, digest), { objectMode: false });
  }

  async sync(): Promise<void> {
    try {
      await this.#unsynced.sync();
    } catch (error) {
      throw asDiskError(error);
    }
  }

  async list(): Promise<Digest[]> {
    return (await readdir(this.#blobs)).map((hex) => `sha256:${hex}` as Digest);
  }

  touch(digest: Digest): void {
    this.#used.set(digest, performance.now());
  }

  async removeUnused(digest: Digest, sinceMs: number): Promise<boolean> {
    if ((this.#used.get(digest) ?? Number.NEGATIVE_INFINITY) >= sinceMs) return false;
    this.#used.delete(digest);
    const scrap = path.join(this.#temporary, randomUUID());
    try {
      // In the same turn as the look at its last use: whoever uses it from here on finds that it is gone.
      renameSync(this.#file(digest), scrap);
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return true;
      throw error;
    }
    await rm(scrap, { force: true });
    return true;
  }

  async #publish(digest: Digest, temporary: string, bytes: Uint8Array | null): Promise<void> {
    this.touch(digest);
    const target = this.#file(digest);
    await this.#unsynced.publish(hexOf(digest), (marker) =>
      publishFile({ temporary, target, marker, bytes }),
    );
  }

  #file(digest: Digest): string {
    return path.join(this.#blobs, hexOf(digest));
  }
}

async function copyTo(
  half: HalfBlob,
  source: AsyncIterable<Uint8Array>,
  { limitBytes, expected, signal }: IngestOptions,
): Promise<Blob> {
  const digester = new Digester();
  for await (const chunk of source) {
    signal?.throwIfAborted();
    digester.update(chunk);
    if (digester.sizeBytes > limitBytes) {
      throw new SlipwayError("disk-full", `A blob may have ${limitBytes} bytes at most.`, {
        params: { limitBytes },
      });
    }
    await half.write(chunk);
  }
  const blob = { digest: digester.digest(), sizeBytes: digester.sizeBytes };
  if (expected) checkArrived(blob, expected);
  return blob;
}

function checkArrived(blob: Blob, expected: Blob): void {
  if (blob.digest === expected.digest && blob.sizeBytes === expected.sizeBytes) return;
  throw corrupt(expected.digest, `arrived as ${blob.digest} with ${blob.sizeBytes} bytes`);
}

async function* verified(source: AsyncIterable<Uint8Array>, digest: Digest): AsyncIterable<Uint8Array> {
  const digester = new Digester();
  for await (const chunk of source) {
    digester.update(chunk);
    yield chunk;
  }
  const actual = digester.digest();
  if (actual !== digest) throw corrupt(digest, `has become ${actual}`);
}

function corrupt(digest: Digest, what: string): SlipwayError {
  return new SlipwayError("store-corrupt", `The blob ${digest} ${what}.`, { params: { digest } });
}

async function exists(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return false;
    throw error;
  }
}
