import type { SizeFrom } from "./shim-frames.ts";

/** Sizes that are remembered, as many as a shim remembers; of one that is forgotten the bytes count as the next one's. */
const MOST_SIZES = 256;

interface Numbered extends SizeFrom {
  readonly serial: number;
}

/** The sizes of a terminal along its output: each holds from the byte it is told with until the next one's. */
export class SizeLog {
  #entries: Numbered[] = [];
  #serial = 0;

  /** False for one that is known already, because a shim has told it twice. */
  add({ from, size }: SizeFrom): boolean {
    const last = this.#entries.at(-1);
    if (last !== undefined) {
      if (from < last.from) return false;
      if (last.size.rows === size.rows && last.size.cols === size.cols) return false;
      if (from === last.from) this.#entries.pop();
    }
    if (this.#entries.length === MOST_SIZES) this.#entries.shift();
    this.#entries.push({ from, size, serial: ++this.#serial });
    return true;
  }

  /** The size that byte `sequence` was written for; `serial` is for `after`. */
  at(sequence: number): Numbered {
    const entry = this.#entries.findLast(({ from }) => from <= sequence) ?? this.#entries[0];
    return entry ?? { from: 0, size: { rows: 24, cols: 80 }, serial: 0 };
  }

  /** The first size that was added after the one with `serial`. */
  after(serial: number): Numbered | undefined {
    const last = this.#entries.at(-1);
    if (last === undefined || last.serial <= serial) return undefined;
    return this.#entries.find((entry) => entry.serial > serial);
  }

  /** Sizes that begin after byte `start` and not after byte `end`. */
  between(start: number, end: number): SizeFrom[] {
    return this.#entries.filter(({ from }) => from > start && from <= end);
  }
}
