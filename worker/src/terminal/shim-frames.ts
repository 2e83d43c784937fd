/*
 * The words of shim.sock, as native/shim/README.md describes them: a 4-byte length, one byte of type, a payload;
 * integers are big-endian.
 */
import type { TerminalSize } from "@slipway/protocol";

/** Largest frame that a shim sends: type, sequence number and 64 KiB of output. */
const LARGEST_FRAME_BYTES = 1 + 8 + 64 * 1024;
const LENGTH_BYTES = 4;

const CLIENT_FRAME = { attach: 1, input: 2, resize: 3, acknowledge: 4, signal: 5, release: 6 } as const;

/** What a shim says. */
export type ShimFrame =
  | { type: "header"; start: number; end: number; sizes: readonly SizeFrom[] }
  | { type: "output"; sequence: number; data: Uint8Array }
  | { type: "exit"; exitCode: number }
  | { type: "size"; from: number; size: TerminalSize }
  | { type: "taken"; client: string; id: number };

/** A size of the terminal, and the first output byte that came after it. */
export interface SizeFrom {
  readonly from: number;
  readonly size: TerminalSize;
}

export function encodeAttach(next: number, window: number, resume: number): Buffer {
  const frame = begin("attach", 16);
  frame.writeBigUInt64BE(BigInt(next), 5);
  frame.writeUInt32BE(window, 13);
  frame.writeUInt32BE(resume, 17);
  return frame;
}

/** `client` is 8 bytes that no other client of the shim has. */
export function encodeInput(client: Buffer, id: number, data: Uint8Array): Buffer {
  const frame = begin("input", 16 + data.byteLength);
  client.copy(frame, 5, 0, 8);
  frame.writeBigUInt64BE(BigInt(id), 13);
  frame.set(data, 21);
  return frame;
}

export function encodeResize(size: TerminalSize): Buffer {
  const frame = begin("resize", 4);
  frame.writeUInt16BE(size.rows, 5);
  frame.writeUInt16BE(size.cols, 7);
  return frame;
}

export function encodeAcknowledge(sequence: number): Buffer {
  const frame = begin("acknowledge", 8);
  frame.writeBigUInt64BE(BigInt(sequence), 5);
  return frame;
}

/** Output below `sequence` may be overwritten. */
export function encodeRelease(sequence: number): Buffer {
  const frame = begin("release", 8);
  frame.writeBigUInt64BE(BigInt(sequence), 5);
  return frame;
}

export function encodeSignal(number: number): Buffer {
  const frame = begin("signal", 4);
  frame.writeUInt32BE(number, 5);
  return frame;
}

function begin(type: keyof typeof CLIENT_FRAME, payloadBytes: number): Buffer {
  const frame = Buffer.alloc(LENGTH_BYTES + 1 + payloadBytes);
  frame.writeUInt32BE(1 + payloadBytes, 0);
  frame.writeUInt8(CLIENT_FRAME[type], LENGTH_BYTES);
  return frame;
}

/** Cuts what a shim sends into frames, however the pieces arrive. Holds at most one frame that is not yet whole. */
export class ShimFrameDecoder {
  #pieces: Buffer[] = [];
  #bytes = 0;

  /** The frames that `piece` completes. Throws on anything that is no frame. */
  push(piece: Buffer): ShimFrame[] {
    this.#pieces.push(piece);
    this.#bytes += piece.byteLength;
    const needed = this.#needed();
    if (this.#bytes < needed) return [];
    const data = this.#pieces.length === 1 ? piece : Buffer.concat(this.#pieces);
    const frames: ShimFrame[] = [];
    let at = 0;
    while (data.byteLength - at >= LENGTH_BYTES) {
      const length = frameLength(data, at);
      if (data.byteLength - at < LENGTH_BYTES + length) break;
      frames.push(decode(data.subarray(at + LENGTH_BYTES, at + LENGTH_BYTES + length)));
      at += LENGTH_BYTES + length;
    }
    const rest = data.subarray(at);
    this.#pieces = rest.byteLength > 0 ? [rest] : [];
    this.#bytes = rest.byteLength;
    return frames;
  }

  /** Bytes without which there is nothing to decode, so that a frame in many pieces is joined once. */
  #needed(): number {
    const first = this.#pieces[0];
    return first !== undefined && first.byteLength >= LENGTH_BYTES
      ? LENGTH_BYTES + frameLength(first, 0)
      : LENGTH_BYTES;
  }
}

function frameLength(data: Buffer, at: number): number {
  const length = data.readUInt32BE(at);
  if (length < 1 || length > LARGEST_FRAME_BYTES) throw new Error(`a frame of ${length} bytes from the shim`);
  return length;
}

/** Reading past the end of a frame that is too short throws a RangeError. */
function decode(frame: Buffer): ShimFrame {
  const type = frame.readUInt8(0);
  switch (type) {
    case 65:
      return { type: "header", start: number(frame, 1), end: number(frame, 9), sizes: sizes(frame, 17) };
    case 66:
      return { type: "output", sequence: number(frame, 1), data: frame.subarray(9) };
    case 67:
      return { type: "exit", exitCode: frame.readInt32BE(1) };
    case 68:
      return { type: "size", from: number(frame, 1), size: size(frame, 9) };
    case 69:
      return { type: "taken", client: frame.toString("hex", 1, 9), id: number(frame, 9) };
    default:
      throw new Error(`a frame of the unknown type ${type} from the shim`);
  }
}

/** Sequence numbers stay below 2^53: at 1 GB/s that takes 104 days of output from one terminal. */
const number = (frame: Buffer, at: number): number => Number(frame.readBigUInt64BE(at));

const size = (frame: Buffer, at: number): TerminalSize => ({
  rows: frame.readUInt16BE(at),
  cols: frame.readUInt16BE(at + 2),
});

function sizes(frame: Buffer, at: number): SizeFrom[] {
  const entries = [{ from: number(frame, at), size: size(frame, at + 8) }];
  for (let next = at + 12; next < frame.byteLength; next += 12) {
    entries.push({ from: number(frame, next), size: size(frame, next + 8) });
  }
  return entries;
}
