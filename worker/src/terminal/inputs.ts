import { createHash, randomBytes } from "node:crypto";
import { INPUT_CHUNK_BYTES, INPUT_OVERHEAD_BYTES, INPUT_WINDOW_BYTES } from "@slipway/protocol";
import { encodeInput } from "./shim-frames.ts";

/** Input of the worker itself that is kept for a process that doesn't read. */
export const OWN_QUEUE_BYTES = 1024 * 1024;
/** Input in the shim that is not yet in the pty; see native/shim/README.md. */
const CREDIT_BYTES = 128 * 1024;
const CREDIT_INPUTS = 4096;
/** Clients of one terminal that may have input waiting at the same time. */
export const WAITING_CLIENTS = 64;

interface Waiting {
  readonly id: number;
  readonly data: Uint8Array;
}

interface ClientQueue {
  readonly client: string;
  waiting: Waiting[];
  sent: Waiting[];
  bytes: number;
  /** Highest id that waits here; a repeat of one that still waits is dropped. */
  highest: number;
}

const cost = (data: Uint8Array): number => data.byteLength + INPUT_OVERHEAD_BYTES;

/** The 8 bytes by which a shim knows the client of that name, as 16 hexadecimal digits. */
export const clientKey = (client: string): string =>
  createHash("sha256").update(`input of ${client}`).digest("hex").slice(0, 16);

/**
 * Input on its way to the shim, a bounded queue for each client. Clients number their inputs; what was sent is kept until the
 * shim has taken it, and is sent again over the next connection when one breaks. The shim drops what it has seen, so an
 * input that a client repeats is written once, over restarts of the worker too.
 */
export class Inputs {
  readonly #own = randomBytes(8).toString("hex");
  #ownId = 1;
  /** Clients with input that is not taken, the one whose turn it is first. */
  readonly #clients = new Map<string, ClientQueue>();
  #sentBytes = 0;
  #sentInputs = 0;

  /** Input of the worker itself. False when too much waits and `data` was dropped. */
  pushOwn(data: Uint8Array): boolean {
    if ((this.#clients.get(this.#own)?.bytes ?? 0) + data.byteLength > OWN_QUEUE_BYTES) return false;
    for (let at = 0; at < data.byteLength; at += INPUT_CHUNK_BYTES) {
      this.#add(this.#own, this.#ownId++, data.slice(at, at + INPUT_CHUNK_BYTES));
    }
    return true;
  }

  /** False when the client sent more than INPUT_WINDOW_BYTES that are not taken, or too many clients wait. */
  push(client: string, id: number, data: Uint8Array): boolean {
    const queue = this.#clients.get(client);
    if (queue !== undefined && id <= queue.highest) return true;
    if (queue === undefined && this.#clients.size >= WAITING_CLIENTS) return false;
    if ((queue?.bytes ?? 0) + cost(data) > INPUT_WINDOW_BYTES) return false;
    this.#add(client, id, data);
    return true;
  }

  /** Frames that the shim has credit for, one of each client in turn; each is given once. */
  takeFrames(): Buffer[] {
    const frames: Buffer[] = [];
    for (let progress = true; progress; ) {
      progress = false;
      for (const queue of [...this.#clients.values()]) {
        const next = queue.waiting[0];
        if (next === undefined) continue;
        if (this.#sentInputs >= CREDIT_INPUTS || this.#sentBytes + next.data.byteLength > CREDIT_BYTES)
          return frames;
        queue.waiting.shift();
        queue.sent.push(next);
        this.#sentBytes += next.data.byteLength;
        this.#sentInputs += 1;
        frames.push(encodeInput(Buffer.from(queue.client, "hex"), next.id, next.data));
        progress = true;
      }
    }
    return frames;
  }

  /** The shim has put the input `id` of `client`, and all before it, into the pty. */
  taken(client: string, id: number): void {
    const queue = this.#clients.get(client);
    if (queue === undefined) return;
    for (let first = queue.sent[0]; first !== undefined && first.id <= id; first = queue.sent[0]) {
      queue.sent.shift();
      queue.bytes -= cost(first.data);
      this.#sentBytes -= first.data.byteLength;
      this.#sentInputs -= 1;
    }
    if (queue.sent.length === 0 && queue.waiting.length === 0) this.#clients.delete(client);
  }

  /** A new connection: what was sent over the old one and not taken goes first. */
  resend(): void {
    for (const queue of this.#clients.values()) {
      queue.waiting = [...queue.sent, ...queue.waiting];
      queue.sent = [];
    }
    this.#sentBytes = 0;
    this.#sentInputs = 0;
  }

  #add(client: string, id: number, data: Uint8Array): void {
    const queue = this.#clients.get(client) ?? { client, waiting: [], sent: [], bytes: 0, highest: -1 };
    this.#clients.set(client, queue);
    queue.waiting.push({ id, data });
    queue.bytes += cost(data);
    queue.highest = id;
  }
}
