/**
 * Splits at white space outside of quotes; quotes and escapes stay in the words.
 * Source: parseWords in BuildKit's frontend/dockerfile/parser/line_parsers.go.
 */
export function splitWords(text: string, escape: string): string[] {
  const words: string[] = [];
  let word = "";
  let quote: string | null = null;
  let inWord = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index] ?? "";
    if (character === escape && quote !== "'" && index + 1 < text.length) {
      word += character + (text[index + 1] ?? "");
      index += 1;
      inWord = true;
    } else if (quote !== null) {
      if (character === quote) quote = null;
      word += character;
    } else if (/\s/.test(character)) {
      if (inWord) words.push(word);
      word = "";
      inWord = false;
    } else {
      if (character === "'" || character === '"') quote = character;
      word += character;
      inWord = true;
    }
  }
  if (inWord) words.push(word);
  return words;
}

/** Removes quotes and escapes, without expanding variables. */
export function unquote(text: string, escape: string): string {
  let plain = "";
  let quote: string | null = null;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index] ?? "";
    if (character === escape && quote !== "'" && index + 1 < text.length) {
      plain += text[index + 1] ?? "";
      index += 1;
    } else if (quote === null && (character === "'" || character === '"')) quote = character;
    else if (character === quote) quote = null;
    else plain += character;
  }
  return plain;
}

export type JsonForm =
  | { readonly form: "json"; readonly items: readonly string[] }
  | { readonly form: "not-strings" }
  | { readonly form: "other" };

/** The JSON ("exec") form of an argument; text that is no JSON array is `other`, and means the shell form. */
export function parseJsonForm(text: string): JsonForm {
  if (!text.trimStart().startsWith("[")) return { form: "other" };
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
