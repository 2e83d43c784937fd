const SMALLEST_BYTES = 4096;

/**
 * The last `capacity` bytes of a stream whose bytes are numbered from 0. Memory grows with what is written, in powers
 * of two, up to the capacity.
 */
export class OutputLog {
  readonly #capacity: number;
  #memory: Buffer;
  #start: number;
  #end: number;

  constructor(capacity: number, start = 0) {
    this.#capacity = capacity;
    this.#memory = Buffer.alloc(Math.min(SMALLEST_BYTES, capacity));
    this.#start = start;
    this.#end = start;
  }

  /** Number of the oldest byte kept. */
  get start(): number {
    return this.#start;
  }

  /** Number of the next byte to come. */
  get end(): number {
    return this.#end;
  }

  append(data: Uint8Array): void {
    const kept = data.subarray(Math.max(0, data.byteLength - this.#capacity));
    this.#end += data.byteLength - kept.byteLength;
    this.#grow(Math.min(this.#capacity, this.#end - this.#start + kept.byteLength));
    const size = this.#memory.byteLength;
    const at = this.#end % size;
    const first = kept.subarray(0, size - at);
    this.#memory.set(first, at);
    this.#memory.set(kept.subarray(first.byteLength), 0);
    this.#end += kept.byteLength;
    this.#start = Math.max(this.#start, this.#end - this.#capacity);
  }

  /** A copy of at most `most` bytes from number `sequence`, which must be kept; empty at the end. */
  read(sequence: number, most: number): Uint8Array {
    if (sequence < this.#start || sequence > this.#end) throw new RangeError(`byte ${sequence} is not kept`);
    const length = Math.min(most, this.#end - sequence);
    const copy = new Uint8Array(length);
    const size = this.#memory.byteLength;
    const at = sequence % size;
    const first = this.#memory.subarray(at, Math.min(at + length, size));
    copy.set(first);
    copy.set(this.#memory.subarray(0, length - first.byteLength), first.byteLength);
    return copy;
  }

  /** Goes on at `sequence`, with nothing kept: bytes in between are lost. */
  skipTo(sequence: number): void {
    this.#start = sequence;
    this.#end = sequence;
  }

  #grow(needed: number): void {
    if (needed <= this.#memory.byteLength) return;
    const kept = this.read(this.#start, this.#end - this.#start);
    let size = this.#memory.byteLength;
    while (size < needed) size *= 2;
    this.#memory = Buffer.alloc(Math.min(size, this.#capacity));
    const end = this.#end;
    this.#end = this.#start;
    this.append(kept);
    this.#end = end;
  }
}
