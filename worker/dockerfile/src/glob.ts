/**
 * Wildcard patterns without regular expressions: the pattern comes from strangers, and this takes time proportional
 * to pattern × text, whatever they wrote.
 */
export interface Glob {
  readonly hasWildcards: boolean;
  /** True when the whole text matches. */
  matches(text: string): boolean;
  /** True when the whole path matches, or one of the directories that it lies in. */
  matchesPathOrParent(path: string): boolean;
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
    matchesPathOrParent: (path) => {
      if (!hasWildcards) return path === literal || path.startsWith(`${literal}/`);
      let found = false;
      run(tokens, path, 0, (end) => {
        found = end === path.length || path[end] === "/";
        return found;
      });
      return found;
    },
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

/**
 * Simulates the pattern as an automaton: state n says that n tokens are used up. Each state has two places, the second
 * one for the middle of a name that a `directories` token takes. Ends early when a match is enough.
 */
function run(
  tokens: readonly Token[],
  text: string,
  from: number,
  isEnough: (end: number) => boolean = () => false,
): { shortest: number; longest: number } | null {
  let states = new Uint8Array(2 * tokens.length + 2);
  let following = new Uint8Array(states.length);
  addState(states, 0, tokens);
  let shortest = states[2 * tokens.length] ? from : -1;
  let longest = shortest;
  for (let at = from; at < text.length; at += 1) {
    following.fill(0);
    if (!advanceAll(states, text[at] ?? "", tokens, following)) break;
    [states, following] = [following, states];
    if (states[2 * tokens.length]) {
      if (shortest < 0) shortest = at + 1;
      longest = at + 1;
      if (isEnough(longest)) break;
    }
  }
  return shortest < 0 ? null : { shortest, longest };
}

/** False when no state is left. */
function advanceAll(
  states: Uint8Array,
  character: string,
  tokens: readonly Token[],
  following: Uint8Array,
): boolean {
  let alive = false;
  for (const [index, token] of tokens.entries()) {
    if (!states[2 * index] && !states[2 * index + 1]) continue;
    if (advance(index, token, character, tokens, following)) alive = true;
  }
  return alive;
}

function advance(
  index: number,
  token: Token,
  character: string,
  tokens: readonly Token[],
  following: Uint8Array,
): boolean {
  switch (token.kind) {
    case "character":
      return character === token.character && addState(following, index + 1, tokens);
    case "one":
      return (token.slash || character !== "/") && addState(following, index + 1, tokens);
    case "class":
      return character !== "/" && inClass(token, character) && addState(following, index + 1, tokens);
    case "many":
      return (token.slash || character !== "/") && addState(following, index, tokens);
    case "directories":
      following[2 * index + 1] = 1;
      return character !== "/" || addState(following, index + 1, tokens);
  }
}

/** Adds a state and those that are reached from it without a character. Always true. */
function addState(states: Uint8Array, index: number, tokens: readonly Token[]): true {
  for (let at = index; states[2 * at] === 0; at += 1) {
    states[2 * at] = 1;
    const kind = tokens[at]?.kind;
    if (kind !== "many" && kind !== "directories") break;
  }
  return true;
}

function inClass(token: Token & { kind: "class" }, character: string): boolean {
  return token.ranges.some(([low, high]) => character >= low && character <= high) !== token.negated;
}
