/**
 * How many bytes at the end of `data` begin a UTF-8 character that is not whole (0 to 3; RFC 3629). Streams that are cut
 * anywhere keep that many back until more comes: xterm.js 6.0 loses a character whose second byte is 0x80 and that arrives
 * in pieces.
 */
export function incompleteBytes(data: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, data.byteLength); back++) {
    const byte = data[data.byteLength - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return length > back ? back : 0;
    }
  }
  return 0;
}

/** Passes a stream of bytes on in pieces that end with a whole character. */
export class WholeCharacters {
  #rest: Uint8Array = new Uint8Array();

  /** Bytes that are held back. */
  get held(): number {
    return this.#rest.byteLength;
  }

  /** What was held back and `data`, up to the end of the last whole character. */
  push(data: Uint8Array): Uint8Array {
    let joined = data;
    if (this.#rest.byteLength > 0) {
      joined = new Uint8Array(this.#rest.byteLength + data.byteLength);
      joined.set(this.#rest);
      joined.set(data, this.#rest.byteLength);
    }
    const whole = joined.byteLength - incompleteBytes(joined);
    this.#rest = joined.slice(whole);
    return joined.subarray(0, whole);
  }
}
