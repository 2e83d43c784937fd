import { Lexer, type NameListener, type Variables, Words } from "./expansion-lexer.ts";
import type { ExpansionBudget } from "./expansion-patterns.ts";

export {
  ExpansionError,
  MAX_EXPANDED_CHARACTERS,
  type NameListener,
  type Variables,
} from "./expansion-lexer.ts";
export type { ExpansionBudget } from "./expansion-patterns.ts";

/**
 * Expands variables and removes quotes and escapes of one word, as BuildKit's shell lexer does
 * (frontend/dockerfile/shell/lex.go): nothing within '…', variables within "…", unset variables are empty.
 * Throws ExpansionError.
 */
export function expandWord(word: string, variables: Variables, escape: string): string {
  return new Lexer(word, { variables, escape, quotes: true }).run();
}

/** As expandWord, and splits at white space outside of quotes, also at that of expanded values. No word is empty. */
export function expandWords(
  text: string,
  variables: Variables,
  escape: string,
  budget?: ExpansionBudget,
): string[] {
  const words = new Words();
  new Lexer(text, { variables, escape, quotes: true, words, ...(budget && { budget }) }).run();
  return words.end();
}

/**
 * Expands the variables of a here-document: quotes stay as they are, and a backslash is taken away from whatever
 * follows it, whichever the escape directive names. `noting.onName` hears of every variable that is named.
 */
export function expandText(
  text: string,
  variables: Variables,
  noting: { readonly onName?: NameListener; readonly budget?: ExpansionBudget } = {},
): string {
  return new Lexer(text, { variables, escape: "\\", quotes: false, ...noting }).run();
}

/** What expandNoting found. */
export interface NotedExpansion {
  readonly text: string;
  /** Variables that the word names and that are set, and those that are not. */
  readonly matched: ReadonlySet<string>;
  readonly unmatched: ReadonlySet<string>;
}

/** As expandWord, and notes which variables the word names. The budget is shared with other expansions. */
export function expandNoting(
  word: string,
  variables: Variables,
  escape: string,
  budget?: ExpansionBudget,
): NotedExpansion {
  const matched = new Set<string>();
  const unmatched = new Set<string>();
  const onName: NameListener = (name, isSet) => {
    (isSet ? matched : unmatched).add(name);
  };
  const options = { variables, escape, quotes: true, onName, ...(budget && { budget }) };
  return { text: new Lexer(word, options).run(), matched, unmatched };
}
