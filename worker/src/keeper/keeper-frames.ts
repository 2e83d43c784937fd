/* The words of keeper.sock, as native/keeper/README.md has them: type (1), length (4, big-endian), payload. */

export type Stream = "stdout" | "stderr";

export type KeeperFrame =
  | { readonly type: "output"; readonly stream: Stream; readonly data: Buffer }
  /** Output follows; what the log has until then comes before it. */
  | { readonly type: "listening"; readonly loggedUntil: bigint }
  | { readonly type: "exit"; readonly exitCode: number };

const HEAD_BYTES = 5;
/** The keeper reads so much at once. */
const LARGEST_PAYLOAD_BYTES = 64 * 1024;

const CLIENT = { input: 1, inputEnds: 2, resize: 3, listen: 4 } as const;

export function encode(type: keyof typeof CLIENT, payload: Uint8Array = new Uint8Array()): Buffer {
  const encoded = Buffer.allocUnsafe(HEAD_BYTES + payload.byteLength);
  encoded.writeUInt8(CLIENT[type], 0);
  encoded.writeUInt32BE(payload.byteLength, 1);
  encoded.set(payload, HEAD_BYTES);
  return encoded;
}

/** Input in pieces that fit into frames. */
export function encodeInput(data: Buffer): Buffer[] {
  const frames: Buffer[] = [];
  for (let at = 0; at < data.byteLength; at += LARGEST_PAYLOAD_BYTES) {
    frames.push(encode("input", data.subarray(at, at + LARGEST_PAYLOAD_BYTES)));
  }
  return frames;
}

export function encodeResize({ rows, cols }: { readonly rows: number; readonly cols: number }): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt16BE(rows, 0);
  payload.writeUInt16BE(cols, 2);
  return encode("resize", payload);
}

/** Cuts what a keeper sends into frames, however the pieces arrive. Throws on what is none. */
export class KeeperFrameDecoder {
  #rest: Buffer = Buffer.alloc(0);

  push(piece: Buffer): KeeperFrame[] {
    const data = this.#rest.byteLength === 0 ? piece : Buffer.concat([this.#rest, piece]);
    const frames: KeeperFrame[] = [];
    let at = 0;
    while (data.byteLength - at >= HEAD_BYTES) {
      const length = data.readUInt32BE(at + 1);
      if (length > LARGEST_PAYLOAD_BYTES) throw new Error(`a frame of ${length} bytes from the keeper`);
      if (data.byteLength - at < HEAD_BYTES + length) break;
      const payload = data.subarray(at + HEAD_BYTES, at + HEAD_BYTES + length);
      frames.push(decode(data.readUInt8(at), payload));
      at += HEAD_BYTES + length;
    }
    this.#rest = data.subarray(at);
    return frames;
  }
}

function decode(type: number, payload: Buffer): KeeperFrame {
  switch (type) {
    case 1:
      return { type: "output", stream: "stdout", data: payload };
    case 2:
      return { type: "output", stream: "stderr", data: payload };
    case 3:
      return { type: "exit", exitCode: payload.readInt32BE(0) };
    case 4:
      return { type: "listening", loggedUntil: payload.readBigUInt64BE(0) };
    default:
      throw new Error(`a frame of the unknown type ${type} from the keeper`);
  }
}
