import { isUtf8 } from "node:buffer";
import type { Name } from "@slipway/native";

/*
 * Names of files are bytes, and only mostly UTF-8. As text, each byte that is no UTF-8 becomes one of the lone
 * surrogates U+DC80 … U+DCFF (as Python's "surrogateescape", PEP 383), so that it can be turned back.
 */

/** Where lone surrogates stand for bytes: 0x80 is U+DC80. */
const ESCAPE = 0xdc00;
const ESCAPED = /[\udc80-\udcff]/u;
/** Longest UTF-8 sequence. */
const MAX_SEQUENCE = 4;

/** The bytes of a name as text. */
export function nameOf(bytes: Uint8Array): string {
  if (isUtf8(bytes)) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  let text = "";
  for (let at = 0; at < bytes.byteLength; ) {
    const length = sequenceAt(bytes, at);
    text +=
      length === 0
        ? String.fromCharCode(ESCAPE + (bytes[at] ?? 0))
        : Buffer.from(bytes.subarray(at, at + length)).toString("utf8");
    at += length || 1;
  }
  return text;
}

/** What a system call takes for a name: the text itself, or its bytes where it stands for some that are no UTF-8. */
export function bytesOf(name: string): Name {
  return ESCAPED.test(name) ? encoded(name) : name;
}

/** True when some bytes of the name are no UTF-8. */
export const isEscaped = (name: string): boolean => ESCAPED.test(name);

/** The path of an entry below an open directory, for calls of node:fs. */
export function procPath(directory: number, name: string): string | Buffer {
  const prefix = `/proc/self/fd/${directory}/`;
  return isEscaped(name) ? Buffer.concat([Buffer.from(prefix), encoded(name)]) : prefix + name;
}

function encoded(name: string): Buffer {
  const parts: Buffer[] = [];
  for (const character of name) {
    const code = character.codePointAt(0) ?? 0;
    const isByte = code >= ESCAPE + 0x80 && code <= ESCAPE + 0xff;
    parts.push(isByte ? Buffer.from([code - ESCAPE]) : Buffer.from(character));
  }
  return Buffer.concat(parts);
}

/** Length of the UTF-8 sequence at a place; 0 when there is none. */
function sequenceAt(bytes: Uint8Array, at: number): number {
  for (let length = 1; length <= MAX_SEQUENCE && at + length <= bytes.byteLength; length += 1) {
    if (isUtf8(bytes.subarray(at, at + length))) return length;
  }
  return 0;
}
