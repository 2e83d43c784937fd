import { type FileHandle, mkdir, open } from "node:fs/promises";
import path from "node:path";

/** Bytes that are gathered for one write. */
const WRITE_BYTES = 1024 * 1024;

/** Writes a stream of chunks into a new file, in large writes that don't hold up the event loop. */
export class PackWriter {
  readonly #path: string;
  readonly #heldBytes: number;
  #file: FileHandle | null = null;
  #gathered: Uint8Array[] = [];
  #bytes = 0;

  /** A stream of up to `heldBytes` makes no file: `close` gives its bytes. */
  constructor(file: string, heldBytes = -1) {
    this.#path = file;
    this.#heldBytes = heldBytes;
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#gathered.push(chunk);
    this.#bytes += chunk.byteLength;
    if (this.#bytes >= WRITE_BYTES) await this.#flush();
  }

  /** Writes the rest and closes the file; only closes it when `isWhole` is false. The result is what has no file. */
  async close(isWhole: boolean): Promise<Uint8Array | null> {
    if (isWhole && this.#file === null && this.#bytes <= this.#heldBytes)
      return Buffer.concat(this.#gathered);
    try {
      if (isWhole) await this.#flush();
    } finally {
      await this.#file?.close();
    }
    return null;
  }

  async #flush(): Promise<void> {
    if (this.#file === null) {
      await mkdir(path.dirname(this.#path), { recursive: true, mode: 0o700 });
      this.#file = await open(this.#path, "wx", 0o600);
    }
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
