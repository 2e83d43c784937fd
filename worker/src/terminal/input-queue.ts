import { randomBytes } from "node:crypto";
import { INPUT_CHUNK_BYTES } from "@slipway/protocol";
import { encodeInput } from "./shim-frames.ts";

/** Input kept for a process that doesn't read. */
export const INPUT_QUEUE_BYTES = 1024 * 1024;
/** Input in the shim that is not yet in the pty; see native/shim/README.md. */
const CREDIT_BYTES = 128 * 1024;

interface Waiting {
  readonly id: number;
  readonly data: Uint8Array;
}

/**
 * Input on its way to the shim. What was sent is kept until the shim has taken it, and is sent again over the next
 * connection when one breaks; the shim drops what it has seen.
 */
export class InputQueue {
  readonly #client = randomBytes(8);
  #nextId = 1;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #sent: Waiting[] = [];
  #sentBytes = 0;

  /** False when the queue is full and `data` was dropped. */
  push(data: Uint8Array): boolean {
    if (this.#waitingBytes + data.byteLength > INPUT_QUEUE_BYTES) return false;
    for (let at = 0; at < data.byteLength; at += INPUT_CHUNK_BYTES) {
      const chunk = data.slice(at, at + INPUT_CHUNK_BYTES);
      this.#waiting.push({ id: this.#nextId++, data: chunk });
      this.#waitingBytes += chunk.byteLength;
    }
    return true;
  }

  /** Frames that the shim has credit for; each is given once. */
  takeFrames(): Buffer[] {
    const frames: Buffer[] = [];
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (this.#sentBytes + next.data.byteLength > CREDIT_BYTES) break;
      this.#waiting.shift();
      this.#waitingBytes -= next.data.byteLength;
      this.#sent.push(next);
      this.#sentBytes += next.data.byteLength;
      frames.push(encodeInput(this.#client, next.id, next.data));
    }
    return frames;
  }

  /** The shim has put the input `id`, and all before it, into the pty. */
  taken(id: number): void {
    while (this.#sent[0] !== undefined && this.#sent[0].id <= id) {
      this.#sentBytes -= this.#sent.shift()?.data.byteLength ?? 0;
    }
  }

  /** A new connection: what was sent over the old one and not taken goes first. */
  resend(): void {
    this.#waiting = [...this.#sent, ...this.#waiting];
    this.#waitingBytes += this.#sentBytes;
    this.#sent = [];
    this.#sentBytes = 0;
  }
}
