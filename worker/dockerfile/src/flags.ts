/** A flag of an instruction as written: `--name` or `--name=value`. */
export interface Flag {
  readonly name: string;
  /** null when written without a value. */
  readonly value: string | null;
  /** Offsets in the logical line's text. */
  readonly start: number;
  readonly end: number;
}

/**
 * Takes the flags at the start of an instruction's arguments; `--` alone ends them.
 * Source: extractBuilderFlags in BuildKit's frontend/dockerfile/parser/split_command.go.
 */
export function takeFlags(text: string, from: number, escape: string): { flags: Flag[]; rest: number } {
  const flags: Flag[] = [];
  let at = skipSpace(text, from);
  while (text.startsWith("--", at)) {
    const { word, end } = takeWord(text, at, escape);
    if (word === "--") {
      at = skipSpace(text, end);
      break;
    }
    const equals = word.indexOf("=");
    flags.push({
      name: equals < 0 ? word.slice(2) : word.slice(2, equals),
      value: equals < 0 ? null : word.slice(equals + 1),
      start: at,
      end,
    });
    at = skipSpace(text, end);
  }
  return { flags, rest: at };
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && /\s/.test(text[at] ?? "")) at += 1;
  return at;
}

function takeWord(text: string, from: number, escape: string): { word: string; end: number } {
  let word = "";
  let quote: string | null = null;
  let at = from;
  for (; at < text.length; at += 1) {
    const character = text[at] ?? "";
    if (quote === null && /\s/.test(character)) break;
    if (character === escape && at + 1 < text.length) {
      at += 1;
      word += text[at] ?? "";
    } else if (quote === null && (character === "'" || character === '"')) quote = character;
    else if (character === quote) quote = null;
    else word += character;
  }
  return { word, end: at };
}
