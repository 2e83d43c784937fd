import { randomBytes } from "node:crypto";
import {
  attachReplySchema,
  GATEWAY_SOCKET_PATH,
  PROTOCOL_VERSION,
  TERMINALS_NAMESPACE,
} from "@slipway/protocol";
import { io, type Socket } from "socket.io-client";

/** A terminal that is measured. */
export interface Viewed {
  send(text: string): void;
  /** Resolves with the time (performance.now) at which the first output arrived of which `isIt` is true. */
  output(isIt: (data: Buffer) => boolean): Promise<number>;
  close(): void;
}

const ANSWER_MS = 30_000;
const PATIENCE_MS = 120_000;

/** Waits for output; what arrives while nobody waits is passed over. */
export class Ears {
  #waiting: { isIt: (data: Buffer) => boolean; heard: (at: number) => void } | null = null;

  hear(data: Buffer): void {
    const waiting = this.#waiting;
    if (waiting === null || !waiting.isIt(data)) return;
    this.#waiting = null;
    waiting.heard(performance.now());
  }

  output(isIt: (data: Buffer) => boolean): Promise<number> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error("A terminal said nothing.")), PATIENCE_MS);
      const heard = (at: number) => {
        clearTimeout(timer);
        resolve(at);
      };
      this.#waiting = { isIt, heard };
    });
  }
}

export interface TerminalAddress {
  /** Origin of Slipway. */
  readonly url: string;
  readonly session: string;
  readonly ticket: string;
}

/** As the page does it. */
const ACKNOWLEDGE_BYTES = 64 * 1024;

/** Connects as the page does, over its origin, and draws at once: output is acknowledged when it arrives. */
export async function view(address: TerminalAddress, ears: Ears): Promise<Viewed> {
  const socket = io(`${address.url}${TERMINALS_NAMESPACE}`, {
    path: GATEWAY_SOCKET_PATH,
    query: { session: address.session },
    auth: {
      protocolVersion: PROTOCOL_VERSION,
      ticket: address.ticket,
      client: randomBytes(16).toString("base64url"),
    },
    extraHeaders: { origin: address.url },
    transports: ["websocket"],
    reconnection: false,
    forceNew: true,
    timeout: ANSWER_MS,
  });
  let input = 0;
  let acknowledged = 0;
  socket.on("output", ({ sequence, data }: { sequence: number; data: Buffer }) => {
    const end = sequence + data.byteLength;
    if (end - acknowledged >= ACKNOWLEDGE_BYTES) {
      acknowledged = end;
      socket.emit("acknowledge", { sequence: end });
    }
    ears.hear(data);
  });
  await connected(socket);
  const reply = attachReplySchema.parse(
    await socket.timeout(ANSWER_MS).emitWithAck("attach", { next: null }),
  );
  if (!reply.ok) throw new Error(reply.error.message);
  return {
    send: (text) => {
      socket.emit("input", { id: input, data: Buffer.from(text) });
      input += 1;
    },
    output: (isIt) => ears.output(isIt),
    close: () => void socket.disconnect(),
  };
}

function connected(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("connect_error", reject);
  });
}
