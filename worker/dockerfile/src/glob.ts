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
}

type Token =
  | { readonly kind: "character"; readonly character: string }
  | { readonly kind: "one"; readonly slash: boolean }
  | {
      readonly kind: "class";
      readonly negated: boolean;
      readonly ranges: readonly (readonly [string, string])[];
      readonly slash: boolean;
    }
  /** Any number of characters. */
  | { readonly kind: "many"; readonly slash: boolean }
  /** Nothing, or any number of characters that end with a slash. */
  | { readonly kind: "directories" };

/**
 * `path`: `*` and `?` stay within a path's part, `[a-z]` is a class, `\` escapes (Go's filepath.Match).
 * `ignore`: as `path`, and `**` is any number of directories; a class may hold the slash (moby/patternmatcher).
 * `text`: `*` and `?` match any character, and there are no classes.
 */
export type GlobDialect = "path" | "ignore" | "text";

/** A pattern that globProblem finds fault with is taken literally where it can't be understood. */
export function compileGlob(pattern: string, dialect: GlobDialect): Glob {
  const tokens = tokenise([...pattern], dialect);
  const hasWildcards = tokens.some((token) => token.kind !== "character");
  // What every match starts with: most texts are told apart by it alone.
  const literal = literalStart(tokens);
  return {
    hasWildcards,
    matches: (text) => {
      if (!hasWildcards) return text === literal;
      return text.startsWith(literal) && run(tokens, text, (end) => end === text.length);
    },
    matchesPathOrParent: (path) => {
      if (!path.startsWith(literal)) return false;
      if (!hasWildcards) return path.length === literal.length || path[literal.length] === "/";
      return run(tokens, path, (end) => end === path.length || path[end] === "/");
    },
  };
}

function literalStart(tokens: readonly Token[]): string {
  const characters: string[] = [];
  for (const token of tokens) {
    if (token.kind !== "character") break;
    characters.push(token.character);
  }
  return characters.join("");
}

/** What is wrong with a pattern's syntax, or null (Go's filepath.ErrBadPattern). */
export function globProblem(pattern: string): string | null {
  const characters = [...pattern];
  for (let at = 0; at < characters.length; at += 1) {
    if (characters[at] === "\\") {
      at += 1;
      if (at === characters.length) return "a backslash at the end escapes nothing";
    } else if (characters[at] === "[") {
      const found = classAt(characters, at, false);
      if (found === null) return "a [ that starts no character class";
      at = found.end;
    }
  }
  return null;
}

function tokenise(pattern: readonly string[], dialect: GlobDialect): Token[] {
  const tokens: Token[] = [];
  const slash = dialect === "text";
  for (let at = 0; at < pattern.length; at += 1) {
    const character = pattern[at] ?? "";
    const found = character === "[" && !slash ? classAt(pattern, at, dialect === "ignore") : null;
    if (character === "*" && dialect === "ignore" && pattern[at + 1] === "*") {
      at += pattern[at + 2] === "/" ? 2 : 1;
      const isSuffix = tokens.length === 0 && isLiteral(pattern.slice(2)) && pattern[2] !== "/";
      // **name at the start takes in also what ends with the name.
      if (isSuffix || at + 1 >= pattern.length) tokens.push({ kind: "many", slash: true });
      else tokens.push({ kind: "directories" });
    } else if (character === "*") tokens.push({ kind: "many", slash });
    else if (character === "?") tokens.push({ kind: "one", slash });
    else if (found !== null) {
      tokens.push(found.token);
      at = found.end;
    } else {
      const isEscape = character === "\\" && at + 1 < pattern.length;
      if (isEscape) at += 1;
      tokens.push({ kind: "character", character: pattern[at] ?? "" });
    }
  }
  return tokens;
}

const isLiteral = (pattern: readonly string[]): boolean =>
  !pattern.some((character) => "*?[]\\".includes(character));

/** The class that starts with the `[` at `from`, and where its `]` is; null where it is none. */
function classAt(
  pattern: readonly string[],
  from: number,
  slash: boolean,
): { token: Token; end: number } | null {
  const negated = pattern[from + 1] === "^";
  const ranges: [string, string][] = [];
  let at = from + (negated ? 2 : 1);
  while (pattern[at] !== "]" || ranges.length === 0) {
    const low = memberAt(pattern, at);
    if (low === null) return null;
    at = low.end;
    if (pattern[at] !== "-") {
      ranges.push([low.character, low.character]);
      continue;
    }
    const high = memberAt(pattern, at + 1);
    if (high === null) return null;
    ranges.push([low.character, high.character]);
    at = high.end;
  }
  return { token: { kind: "class", negated, ranges, slash }, end: at };
}

/** One character of a class, which may be escaped; null for what has to be escaped and is not. */
function memberAt(pattern: readonly string[], at: number): { character: string; end: number } | null {
  const isEscape = pattern[at] === "\\";
  const character = pattern[isEscape ? at + 1 : at];
  if (character === undefined || (!isEscape && (character === "-" || character === "]"))) return null;
  return { character, end: at + (isEscape ? 2 : 1) };
}

/**
 * Simulates the pattern as an automaton: state n says that n tokens are used up. Each state has two places, the second
 * one for the middle of a name that a `directories` token takes. True once a match ends where `isEnough` takes it.
 */
function run(tokens: readonly Token[], text: string, isEnough: (end: number) => boolean): boolean {
  let states = new Uint8Array(2 * tokens.length + 2);
  let following = new Uint8Array(states.length);
  addState(states, 0, tokens);
  let at = 0;
  for (const character of text) {
    following.fill(0);
    if (!advanceAll(states, character, tokens, following)) return false;
    [states, following] = [following, states];
    at += character.length;
    if (states[2 * tokens.length] && isEnough(at)) return true;
  }
  return text === "" && states[2 * tokens.length] === 1;
}

/** False when no state is left. */
function advanceAll(
  states: Uint8Array,
  character: string,
  tokens: readonly Token[],
  following: Uint8Array,
): boolean {
  let alive = false;
  for (let index = 0; index < tokens.length; index += 1) {
    const token = tokens[index];
    if (token === undefined) break;
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
    case "class": {
      const isAllowed = token.slash || character !== "/";
      return isAllowed && inClass(token, character) && addState(following, index + 1, tokens);
    }
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
