/*
 * White space as Go's standard library has it, so that a line is cut where BuildKit cuts it. JavaScript's \s differs: it
 * takes U+FEFF in and leaves U+0085 out.
 */

/** unicode.IsSpace. */
export const isSpace = (character: string): boolean => SPACE.test(character);

const SPACE = /^[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]$/;
const LEADING = /^[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;

/** strings.TrimLeftFunc(text, unicode.IsSpace). */
export const trimStart = (text: string): string => text.replace(LEADING, "");

/** Where white space that starts at `from` ends. */
export function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && isSpace(text[at] ?? "")) at += 1;
  return at;
}

/** strings.TrimSpace. Not by a regular expression: one that is bound to the end tries every run of spaces. */
export function trimSpace(text: string): string {
  const start = skipSpace(text, 0);
  let end = text.length;
  while (end > start && isSpace(text[end - 1] ?? "")) end -= 1;
  return text.slice(start, end);
}

/** Characters that separate words of an instruction which knows no quotes. */
const SEPARATORS = /[\t\v\f\r ]+/;

/** Words between separators; `text` has no white space at its ends. */
export const splitOnSpace = (text: string): string[] => (text === "" ? [] : text.split(SEPARATORS));

/** The first word, and what follows it; null where there is one word only. */
export function splitOnce(text: string): [first: string, rest: string | null] {
  const match = SEPARATORS.exec(text);
  return match ? [text.slice(0, match.index), text.slice(match.index + match[0].length)] : [text, null];
}
