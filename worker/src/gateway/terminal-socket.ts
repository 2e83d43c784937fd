import { type Output, TERMINALS_NAMESPACE, type WorkerToBrowser } from "@slipway/protocol";
import type { Socket } from "socket.io";
import { Encoder, PacketType } from "socket.io-parser";

/** What a browser says is unknown until a schema has looked at it. */
export type UncheckedEvents = Record<string, (...args: unknown[]) => void>;
export type TerminalSocket = Socket<UncheckedEvents, WorkerToBrowser>;

/** Larger ones are not worth the copy. */
const MOST_BYTES = 4 * 1024;
/** Packet type "message" of the Engine.IO protocol, version 4. */
const MESSAGE = "4";

/** Kinds of WebSocket frames (RFC 6455 section 5.2). */
const TEXT = 0x1;
const BINARY = 0x2;
/** The last frame of its message. */
const FINAL = 0x80;
/** A length of one byte is below this, which announces one of two bytes. */
const LONG = 126;

const encoder = new Encoder();

/**
 * Emits output. socket.io makes two WebSocket frames of it and gives the second to the system when the
 * first is through. For a key's echo the two writes, and the two times that the reader wakes, are most of what it costs, so a
 * small one goes out in one write.
 */
export function emitOutput(socket: TerminalSocket, output: Output): void {
  if (output.data.byteLength > MOST_BYTES || !socket.connected) {
    socket.emit("output", output);
    return;
  }
  const packet = { type: PacketType.EVENT, nsp: TERMINALS_NAMESPACE, data: ["output", output] };
  const frames = encoder
    .encode(packet)
    .flatMap((part) =>
      typeof part === "string" ? frame(TEXT, Buffer.from(MESSAGE + part)) : frame(BINARY, part),
    );
  // What socket.io's own adapter uses for broadcasts: frames that are made already.
  const options = { wsPreEncodedFrame: [Buffer.concat(frames)] };
  socket.conn.write("", options as Parameters<typeof socket.conn.write>[1]);
}

/** A whole unmasked message as a WebSocket frame, of at most 64 KiB. */
function frame(kind: number, data: Uint8Array): Uint8Array[] {
  if (data.byteLength < LONG) return [Buffer.from([FINAL | kind, data.byteLength]), data];
  const head = Buffer.from([FINAL | kind, LONG, 0, 0]);
  head.writeUInt16BE(data.byteLength, 2);
  return [head, data];
}
