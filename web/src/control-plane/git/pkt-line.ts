/** Lines of git's protocol: four hexadecimal digits of length, and the text. https://git-scm.com/docs/protocol-common */

export const FLUSH = "0000";

export const pktLine = (text: string): string =>
  (Buffer.byteLength(text) + 4).toString(16).padStart(4, "0") + text;

/** The lines of a request, flushes left out; null when it is none. */
export function pktLines(bytes: Buffer): string[] | null {
  const lines: string[] = [];
  let at = 0;
  while (at < bytes.length) {
    const digits = bytes.toString("latin1", at, at + 4);
    if (!/^[0-9a-f]{4}$/i.test(digits)) return null;
    const length = Number.parseInt(digits, 16);
    if (length < 4) {
      at += 4;
      continue;
    }
    if (at + length > bytes.length) return null;
    lines.push(bytes.toString("utf8", at + 4, at + length).trimEnd());
    at += length;
  }
  return lines;
}
