/** Bytes of a binary file that are shown. */
export const HEX_BYTES = 4096;
const BYTES_PER_ROW = 16;
/** Bytes that are looked at to tell a text from a binary file. */
const PROBE_BYTES = 8192;
/** Longest UTF-8 sequence without its last byte. */
const MOST_CUT_BYTES = 3;

export type FileContent =
  | { readonly kind: "empty" }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "binary"; readonly rows: readonly HexRow[] };

export interface HexRow {
  readonly offset: string;
  readonly hex: string;
  readonly text: string;
}

export function bytesOfBase64(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

/** What a part of a file holds. A character that the part cuts at its beginning or end does not make it binary. */
export function contentOf(bytes: Uint8Array, offset: number): FileContent {
  if (bytes.length === 0) return { kind: "empty" };
  const text = bytes.subarray(0, PROBE_BYTES).includes(0) ? null : decoded(bytes, offset);
  return text === null
    ? { kind: "binary", rows: hexRows(bytes.subarray(0, HEX_BYTES), offset) }
    : { kind: "text", text };
}

function decoded(bytes: Uint8Array, offset: number): string | null {
  for (let skipped = 0; skipped <= (offset > 0 ? MOST_CUT_BYTES : 0); skipped += 1) {
    for (let cut = 0; cut <= MOST_CUT_BYTES; cut += 1) {
      try {
        return new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(skipped, bytes.length - cut));
      } catch {
        // Tried with one byte less.
      }
    }
  }
  return null;
}

/** Bytes as hex dumps show them. */
export function hexRows(bytes: Uint8Array, offset: number): HexRow[] {
  const rows: HexRow[] = [];
  for (let at = 0; at < bytes.length; at += BYTES_PER_ROW) {
    const row = [...bytes.subarray(at, at + BYTES_PER_ROW)];
    rows.push({
      offset: (offset + at).toString(16).padStart(8, "0"),
      hex: row.map((byte) => byte.toString(16).padStart(2, "0")).join(" "),
      text: row.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".")).join(""),
    });
  }
  return rows;
}

/** `rwxr-xr-x`, with s and t for set-id and sticky bits, as ls shows it. */
export function modeText(mode: number): string {
  const triple = (shift: number, special: number, letter: string) => {
    const bits = (mode >> shift) & 7;
    const runs = (bits & 1) !== 0;
    const last = (mode & special) === 0 ? (runs ? "x" : "-") : runs ? letter : letter.toUpperCase();
    return `${bits & 4 ? "r" : "-"}${bits & 2 ? "w" : "-"}${last}`;
  };
  return triple(6, 0o4000, "s") + triple(3, 0o2000, "s") + triple(0, 0o1000, "t");
}
