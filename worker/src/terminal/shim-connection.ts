import { createConnection, type Socket } from "node:net";
import { OUTPUT_RESUME_BYTES, OUTPUT_WINDOW_BYTES } from "@slipway/protocol";
import { encodeAttach, type ShimFrame, ShimFrameDecoder } from "./shim-frames.ts";

/** Time for a shim to take a connection and answer: it does nothing that takes longer than a moment. */
const CONNECT_TIMEOUT_MS = 5_000;

export type ShimHeader = Extract<ShimFrame, { type: "header" }>;

export interface ShimConnection {
  readonly header: ShimHeader;
  send(frame: Uint8Array): void;
  /** Ends the connection; `closed` is not called any more. */
  close(): void;
}

export interface ShimListener {
  frame(frame: ShimFrame): void;
  /** The connection is over, for whatever reason. */
  closed(): void;
}

/**
 * Connects to a shim and attaches at output byte `next`. Rejects when no shim listens there (ENOENT, ECONNREFUSED), or
 * when it doesn't answer.
 */
export function connectShim(
  socketPath: string,
  next: number,
  listener: ShimListener,
): Promise<ShimConnection> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(socketPath);
    const decoder = new ShimFrameDecoder();
    let header: ShimHeader | null = null;
    let closing = false;
    const timer = setTimeout(() => socket.destroy(new Error("the shim does not answer")), CONNECT_TIMEOUT_MS);
    const hear = (frame: ShimFrame) => {
      if (header !== null) return listener.frame(frame);
      if (frame.type !== "header") return;
      header = frame;
      clearTimeout(timer);
      const close = () => {
        closing = true;
        socket.destroy();
      };
      resolve({ header, send: (data) => void socket.write(data), close });
    };
    socket.on("connect", () => socket.write(encodeAttach(next, OUTPUT_WINDOW_BYTES, OUTPUT_RESUME_BYTES)));
    socket.on("data", (data) => decodeInto(socket, decoder, data, hear));
    socket.on("error", reject);
    socket.on("close", () => {
      clearTimeout(timer);
      if (header === null) reject(new Error("the shim closed the connection"));
      else if (!closing) listener.closed();
    });
  });
}

function decodeInto(
  socket: Socket,
  decoder: ShimFrameDecoder,
  data: Buffer,
  hear: (frame: ShimFrame) => void,
): void {
  let frames: ShimFrame[];
  try {
    frames = decoder.push(data);
  } catch (error) {
    socket.destroy(error instanceof Error ? error : undefined);
    return;
  }
  for (const frame of frames) hear(frame);
}
