/** A piece of a text from an image: as it is, or in the place of characters that would not be seen, or would mislead. */
export interface ShownPiece {
  /** Where it begins in the name. */
  readonly at: number;
  readonly text: string;
  readonly isEscape: boolean;
}

/**
 * Control characters, marks that change the direction of writing or are invisible, separators of lines, and lone surrogates,
 * which stand for bytes that are no UTF-8.
 */
const HIDDEN =
  /[\p{Cc}\p{Cs}\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffc]/gu;

/** A name or path in pieces; every character of it can be seen. */
export function shownPieces(name: string): ShownPiece[] {
  const pieces: ShownPiece[] = [];
  let from = 0;
  for (const match of name.matchAll(HIDDEN)) {
    if (match.index > from) pieces.push({ at: from, text: name.slice(from, match.index), isEscape: false });
    pieces.push({ at: match.index, text: escaped(match[0]), isEscape: true });
    from = match.index + match[0].length;
  }
  if (from < name.length || pieces.length === 0)
    pieces.push({ at: from, text: name.slice(from), isEscape: false });
  return pieces;
}

/** The same as one text, for labels. */
export const shownText = (name: string): string =>
  shownPieces(name)
    .map(({ text }) => text)
    .join("");

const NAMED: Record<string, string> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function escaped(character: string): string {
  const code = character.charCodeAt(0);
  const isByte = code >= 0xdc80 && code <= 0xdcff;
  return (
    NAMED[character] ??
    (isByte || code < 0x100
      ? `\\x${(code & 0xff).toString(16).padStart(2, "0")}`
      : `\\u${code.toString(16).padStart(4, "0")}`)
  );
}

/** The text of a file: its lines and tabs stay. */
export const shownContent = (text: string): string =>
  text
    .replaceAll("\r\n", "\n")
    .replace(HIDDEN, (character) =>
      character === "\n" || character === "\t" ? character : escaped(character),
    );
