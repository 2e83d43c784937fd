import { type FileHandle, open } from "node:fs/promises";

/** Bytes that are gathered for one write. */
const WRITE_BYTES = 1024 * 1024;

/** Writes a stream of chunks into a new file, in large writes that don't hold up the event loop. */
export class PackWriter {
  readonly #file: FileHandle;
  #gathered: Uint8Array[] = [];
  #bytes = 0;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  static async create(path: string): Promise<PackWriter> {
    return new PackWriter(await open(path, "wx", 0o600));
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#gathered.push(chunk);
    this.#bytes += chunk.byteLength;
    if (this.#bytes >= WRITE_BYTES) await this.#flush();
  }

  /** Writes the rest and closes the file; only closes it when `isWhole` is false. */
  async close(isWhole: boolean): Promise<void> {
    try {
      if (isWhole) await this.#flush();
    } finally {
      await this.#file.close();
    }
  }

  async #flush(): Promise<void> {
    let chunks = this.#gathered;
    let left = this.#bytes;
    this.#gathered = [];
    this.#bytes = 0;
    while (left > 0) {
      const { bytesWritten } = await this.#file.writev(chunks);
      left -= bytesWritten;
      // A short write is rare: a full disk, whose error the next one brings.
      if (left > 0) chunks = [Buffer.concat(chunks).subarray(bytesWritten)];
    }
  }
}
