import { type FileHandle, open, readFile } from "node:fs/promises";
import path from "node:path";
import { crc32 } from "node:zlib";
import type { TerminalSize } from "@slipway/protocol";

const MAGIC = 0x534c4b31;
/** Magic, checksum, byte, rows, cols, flags. */
const HEAD_BYTES = 4 + 4 + 8 + 2 + 2 + 4;
const SCROLLS_FREELY = 1;

/** The screen of a terminal after all output below `at`. */
export interface StoredCheckpoint {
  readonly at: number;
  readonly size: TerminalSize;
  readonly scrollsFreely: boolean;
  readonly data: Uint8Array;
}

/**
 * The newest checkpoint in a terminal's directory. Two files are written in turn and in place, so that a kill at any moment
 * leaves one that is whole; renaming instead would make ext4 write every one of them to the disk at once.
 */
export class CheckpointFile {
  readonly #paths: readonly [string, string];
  readonly #handles: (FileHandle | null)[] = [null, null];
  #turn = 0;

  constructor(directory: string) {
    this.#paths = [path.join(directory, "checkpoint.0"), path.join(directory, "checkpoint.1")];
  }

  async read(): Promise<StoredCheckpoint | null> {
    const found = await Promise.all(
      this.#paths.map(async (file) => decode(await readFile(file).catch(() => null))),
    );
    const [first = null, second = null] = found;
    const newest = (first?.at ?? -1) > (second?.at ?? -1) ? 0 : 1;
    this.#turn = 1 - newest;
    return newest === 0 ? first : second;
  }

  /** When this resolves, the checkpoint outlives this process. */
  async write(checkpoint: StoredCheckpoint): Promise<void> {
    const turn = this.#turn;
    this.#turn = 1 - turn;
    const handle = this.#handles[turn] ?? (await open(this.#paths[turn] ?? "", "w", 0o600));
    this.#handles[turn] = handle;
    const bytes = encode(checkpoint);
    await handle.write(bytes, 0, bytes.byteLength, 0);
    await handle.truncate(bytes.byteLength);
  }

  async close(): Promise<void> {
    for (const [turn, handle] of this.#handles.entries()) {
      this.#handles[turn] = null;
      await handle?.close().catch(() => {});
    }
  }
}

function encode({ at, size, scrollsFreely, data }: StoredCheckpoint): Buffer {
  const bytes = Buffer.allocUnsafe(HEAD_BYTES + data.byteLength);
  bytes.writeUInt32BE(MAGIC, 0);
  bytes.writeBigUInt64BE(BigInt(at), 8);
  bytes.writeUInt16BE(size.rows, 16);
  bytes.writeUInt16BE(size.cols, 18);
  bytes.writeUInt32BE(scrollsFreely ? SCROLLS_FREELY : 0, 20);
  bytes.set(data, HEAD_BYTES);
  bytes.writeUInt32BE(crc32(bytes.subarray(8)), 4);
  return bytes;
}

function decode(bytes: Buffer | null): StoredCheckpoint | null {
  if (bytes === null || bytes.byteLength < HEAD_BYTES) return null;
  if (bytes.readUInt32BE(0) !== MAGIC || bytes.readUInt32BE(4) !== crc32(bytes.subarray(8))) return null;
  return {
    at: Number(bytes.readBigUInt64BE(8)),
    size: { rows: bytes.readUInt16BE(16), cols: bytes.readUInt16BE(18) },
    scrollsFreely: bytes.readUInt32BE(20) === SCROLLS_FREELY,
    data: bytes.subarray(HEAD_BYTES),
  };
}
