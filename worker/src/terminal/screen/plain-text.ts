const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
/** Bytes after which text is no longer only text: ESC, SO and SI. */
const CONTROLS = [0x1b, 0x0e, 0x0f];
/** First byte of the characters U+0080 to U+00BF; those up to U+009F are controls (ECMA-48, 5.3). */
const C1_LEAD = 0xc2;

/**
 * True for text whose lines do nothing to a screen but scroll it. `data` is UTF-8 with anything in between; a search of a
 * byte costs next to nothing, which is why this is not a loop over all of them.
 */
export function isPlainText(data: Buffer): boolean {
  if (CONTROLS.some((byte) => data.indexOf(byte) >= 0)) return false;
  for (let at = data.indexOf(C1_LEAD); at >= 0; at = data.indexOf(C1_LEAD, at + 1)) {
    const next = data[at + 1];
    if (next === undefined || (next >= 0x80 && next < 0xa0)) return false;
  }
  return true;
}

/** Where the last `lines` whole lines of `data` begin, or some more, so that a line begins in the first column; -1: nowhere. */
export function lastLines(data: Buffer, lines: number): number {
  let at = data.byteLength;
  for (let found = 0; found <= lines; found++) {
    if (at <= 0) return -1;
    at = data.lastIndexOf(LINE_FEED, at - 1);
    if (at < 0) return -1;
  }
  while (at > 0 && data[at - 1] !== CARRIAGE_RETURN) {
    at = data.lastIndexOf(LINE_FEED, at - 1);
  }
  return at > 0 ? at + 1 : -1;
}
