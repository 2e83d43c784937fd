import { INPUT_OVERHEAD_BYTES, INPUT_WINDOW_BYTES, type Input } from "@slipway/protocol";

/** Input that is kept until the worker has taken it; the largest paste. */
export const HELD_INPUT_BYTES = 1024 * 1024;
/** Largest payload of one `input` message, below the protocol's INPUT_CHUNK_BYTES. */
export const INPUT_BYTES = 16 * 1024;

const cost = (input: Input): number => input.data.byteLength + INPUT_OVERHEAD_BYTES;

/**
 * What was typed and is not known to be with the process. It is numbered once and sent again over the next connection when one
 * breaks; the worker drops what it has seen.
 */
export class InputOutbox {
  #nextId = 0;
  #kept: Input[] = [];
  #keptBytes = 0;
  /** How many of those kept have been sent over this connection, and what they cost. */
  #sent = 0;
  #sentBytes = 0;

  /** False when `data` does not fit: then nothing of it is sent, for half a paste is worse than none. */
  push(data: Uint8Array, reply: boolean): boolean {
    const inputs: Input[] = [];
    for (let at = 0; at < data.byteLength; at += INPUT_BYTES) {
      const part = data.subarray(at, at + INPUT_BYTES);
      inputs.push({ id: this.#nextId + inputs.length, data: part, ...(reply ? { reply } : {}) });
    }
    const bytes = inputs.reduce((sum, input) => sum + cost(input), 0);
    if (this.#keptBytes + bytes > HELD_INPUT_BYTES) return false;
    this.#nextId += inputs.length;
    this.#kept.push(...inputs);
    this.#keptBytes += bytes;
    return true;
  }

  /** What may go out now; each is given once in a connection. */
  take(): Input[] {
    const inputs: Input[] = [];
    for (let next = this.#kept[this.#sent]; next !== undefined; next = this.#kept[this.#sent]) {
      if (this.#sentBytes + cost(next) > INPUT_WINDOW_BYTES) break;
      this.#sent += 1;
      this.#sentBytes += cost(next);
      inputs.push(next);
    }
    return inputs;
  }

  /** The worker has the input `id` and all before it. */
  taken(id: number): void {
    let count = 0;
    for (const input of this.#kept) {
      if (input.id > id) break;
      count += 1;
      this.#keptBytes -= cost(input);
      if (count <= this.#sent) this.#sentBytes -= cost(input);
    }
    this.#kept.splice(0, count);
    this.#sent = Math.max(0, this.#sent - count);
  }

  /** A new connection: all that is kept goes out again. */
  restart(): void {
    this.#sent = 0;
    this.#sentBytes = 0;
  }

  clear(): void {
    this.#kept = [];
    this.#keptBytes = 0;
    this.restart();
  }
}
