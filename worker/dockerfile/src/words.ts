import { isSpace } from "./characters.ts";

/** A word with its place in the text. */
export interface Word {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/**
 * Splits at white space outside of quotes; quotes and escapes stay in the words. An escape at the very end is dropped.
 * Source: parseWords in BuildKit's frontend/dockerfile/parser/line_parsers.go.
 */
export function splitWords(text: string, escape: string): Word[] {
  const words: Word[] = [];
  let quote: string | null = null;
  let start = -1;
  let dropped = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? "";
    if (start < 0) {
      if (isSpace(character)) continue;
      start = at;
    }
    if (character === escape && quote !== "'") {
      at += 1;
      if (at === text.length) dropped = 1;
    } else if (quote !== null) {
      if (character === quote) quote = null;
    } else if (isSpace(character)) {
      words.push({ text: text.slice(start, at), start, end: at });
      start = -1;
    } else if (character === "'" || character === '"') quote = character;
  }
  const end = text.length - dropped;
  if (start >= 0 && end > start) words.push({ text: text.slice(start, end), start, end });
  return words;
}

export type JsonForm =
  | { readonly form: "json"; readonly items: readonly string[] }
  | { readonly form: "not-strings" }
  | { readonly form: "other" };

/**
 * The JSON ("exec") form of an argument; text that is no JSON array is `other`, and means the shell form. Source:
 * parseJSON in BuildKit's frontend/dockerfile/parser/line_parsers.go.
 */
export function parseJsonForm(text: string): JsonForm {
  if (!text.startsWith("[")) return { form: "other" };
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return { form: "other" };
  }
  if (!Array.isArray(parsed)) return { form: "other" };
  if (!parsed.every((item) => typeof item === "string")) return { form: "not-strings" };
  return { form: "json", items: parsed };
}
