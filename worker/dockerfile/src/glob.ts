/**
 * Wildcard patterns without regular expressions: the pattern comes from strangers, and this takes time proportional
 * to pattern × text, whatever they wrote.
 */
export interface Glob {
  readonly hasWildcards: boolean;
  /** True when the whole text matches. */
  matches(text: string): boolean;
  /** Ends of the shortest and the longest match that starts at `from`, or null. */
  matchAt(text: string, from: number): { readonly shortest: number; readonly longest: number } | null;
}

type Token =
  | { readonly kind: "character"; readonly character: string }
  | { readonly kind: "one"; readonly slash: boolean }
  | {
      readonly kind: "class";
      readonly negated: boolean;
      readonly ranges: readonly (readonly [string, string])[];
    }
  /** Any number of characters. */
  | { readonly kind: "many"; readonly slash: boolean }
  /** Nothing, or any number of characters that end with a slash. */
  | { readonly kind: "directories" };

/**
 * `path`: `*` and `?` stay within a path's part, `[a-z]` is a class, `\` escapes (Go's filepath.Match).
 * `ignore`: as `path`, and `**` is any number of directories (moby/patternmatcher).
 * `text`: `*` and `?` match any character.
 */
export type GlobDialect = "path" | "ignore" | "text";

export function compileGlob(pattern: string, dialect: GlobDialect): Glob {
  const tokens = tokenise(pattern, dialect);
  const hasWildcards = tokens.some((token) => token.kind !== "character");
  const literal = tokens.map((token) => (token.kind === "character" ? token.character : "")).join("");
  return {
    hasWildcards,
    matches: (text) => (hasWildcards ? run(tokens, text, 0)?.longest === text.length : text === literal),
    matchAt: (text, from) => run(tokens, text, from),
  };
}

function tokenise(pattern: string, dialect: GlobDialect): Token[] {
  const tokens: Token[] = [];
  const slash = dialect === "text";
  for (let at = 0; at < pattern.length; at += 1) {
    const character = pattern[at] ?? "";
    if (character === "*" && dialect === "ignore" && pattern[at + 1] === "*") {
      at += pattern[at + 2] === "/" ? 2 : 1;
      tokens.push(at + 1 >= pattern.length ? { kind: "many", slash: true } : { kind: "directories" });
    } else if (character === "*") tokens.push({ kind: "many", slash });
    else if (character === "?") tokens.push({ kind: "one", slash });
    else if (character === "\\" && at + 1 < pattern.length) {
      at += 1;
      tokens.push({ kind: "character", character: pattern[at] ?? "" });
    } else if (character === "[" && dialect !== "text" && pattern.indexOf("]", at + 2) > 0) {
      const end = pattern.indexOf("]", at + 2);
      tokens.push(characterClass(pattern.slice(at + 1, end)));
      at = end;
    } else tokens.push({ kind: "character", character });
  }
  return tokens;
}

function characterClass(inner: string): Token {
  const negated = inner.startsWith("^");
  const members = negated ? inner.slice(1) : inner;
  const ranges: [string, string][] = [];
  for (let at = 0; at < members.length; at += 1) {
    const low = members[at] ?? "";
    if (members[at + 1] === "-" && at + 2 < members.length) {
      ranges.push([low, members[at + 2] ?? ""]);
      at += 2;
    } else ranges.push([low, low]);
  }
  return { kind: "class", negated, ranges };
}

/** Simulates the pattern as an automaton: state n says that n tokens are used up. */
function run(
  tokens: readonly Token[],
  text: string,
  from: number,
): { shortest: number; longest: number } | null {
  let states = new Set<number>();
  addState(states, 0, tokens);
  let shortest = states.has(tokens.length) ? from : -1;
  let longest = shortest;
  for (let at = from; at < text.length && states.size > 0; at += 1) {
    const following = new Set<number>();
    for (const state of states) advance(state, text[at] ?? "", tokens, following);
    states = following;
    if (states.has(tokens.length)) {
      if (shortest < 0) shortest = at + 1;
      longest = at + 1;
    }
  }
  return shortest < 0 ? null : { shortest, longest };
}

/** Inner states of a `directories` token (in the middle of a directory's name) are kept as n + 0.5. */
function advance(state: number, character: string, tokens: readonly Token[], following: Set<number>): void {
  const index = Math.floor(state);
  const token = tokens[index];
  if (token === undefined) return;
  switch (token.kind) {
    case "character":
      if (character === token.character) addState(following, index + 1, tokens);
      return;
    case "one":
      if (token.slash || character !== "/") addState(following, index + 1, tokens);
      return;
    case "class":
      if (character !== "/" && inClass(token, character)) addState(following, index + 1, tokens);
      return;
    case "many":
      if (token.slash || character !== "/") addState(following, index, tokens);
      return;
    case "directories":
      following.add(index + 0.5);
      if (character === "/") addState(following, index + 1, tokens);
  }
}

function addState(states: Set<number>, index: number, tokens: readonly Token[]): void {
  states.add(index);
  const kind = tokens[index]?.kind;
  if (kind === "many" || kind === "directories") addState(states, index + 1, tokens);
}

function inClass(token: Token & { kind: "class" }, character: string): boolean {
  return token.ranges.some(([low, high]) => character >= low && character <= high) !== token.negated;
}
