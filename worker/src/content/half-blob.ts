import { type FileHandle, open, rm } from "node:fs/promises";

/** Bytes that are kept in memory: a blob that has no more is written in one go when it is whole. */
const MEMORY_BYTES = 256 * 1024;

/** A blob of which more comes: in memory while it is small, then in a file. */
export class HalfBlob {
  readonly file: string;
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  #handle: FileHandle | null = null;

  constructor(file: string) {
    this.file = file;
  }

  /** The chunk may not change afterwards. */
  async write(chunk: Uint8Array): Promise<void> {
    this.#bytes += chunk.byteLength;
    if (this.#handle === null && this.#bytes <= MEMORY_BYTES) {
      this.#chunks.push(chunk);
      return;
    }
    this.#handle ??= await open(this.file, "wx", 0o600);
    for (const kept of [...this.#chunks.splice(0), chunk]) await writeAll(this.#handle, kept);
  }

  /** Its bytes, or null when they are in the file. */
  async finish(): Promise<Uint8Array | null> {
    if (this.#handle === null) return Buffer.concat(this.#chunks);
    await this.#close();
    return null;
  }

  async discard(): Promise<void> {
    this.#chunks = [];
    await this.#close();
    await rm(this.file, { force: true });
  }

  async #close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = null;
    await handle?.close();
  }
}

async function writeAll(handle: FileHandle, chunk: Uint8Array): Promise<void> {
  let written = 0;
  while (written < chunk.byteLength) {
    written += (await handle.write(chunk, written)).bytesWritten;
  }
}
