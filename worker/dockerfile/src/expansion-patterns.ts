/** Work that expansions may still take: characters that they read or make, and value × pattern of each pattern. */
export interface ExpansionBudget {
  left: number;
}

/** `ANY` is `?`, the rest are characters that stand for themselves. */
const ANY = Symbol("any character");
type Token = string | typeof ANY;

/** A pattern that can't be used: a bad escape, or more work than is allowed. */
export class PatternError extends Error {
  override readonly name = "PatternError";
}

/**
 * A pattern of `${name#pattern}` and its kin: `*` is any text, `?` any character, a backslash takes their meaning away.
 * It is kept as the pieces between its stars, so that matching takes value × pattern and never more. Source:
 * convertShellPatternToRegex in BuildKit's frontend/dockerfile/shell/lex.go, without brackets as there.
 */
class ShellPattern {
  readonly #pieces: readonly (readonly Token[])[];

  constructor(pieces: readonly (readonly Token[])[]) {
    this.#pieces = pieces;
  }

  static parse(text: string): ShellPattern {
    const pieces: Token[][] = [[]];
    const characters = [...text];
    for (let at = 0; at < characters.length; at += 1) {
      const character = characters[at] ?? "";
      if (character === "*") pieces.push([]);
      else if (character === "?") pieces.at(-1)?.push(ANY);
      else if (character !== "\\") pieces.at(-1)?.push(character);
      else {
        at += 1;
        const next = characters[at] ?? "";
        // } and / have to be escaped within ${}: that escape is none of the pattern's.
        if (next === "" || !"*?\\}/".includes(next)) {
          throw new PatternError(`invalid escape '\\${next}' in the pattern`);
        }
        pieces.at(-1)?.push(next);
      }
    }
    return new ShellPattern(pieces);
  }

  get length(): number {
    return this.#pieces.reduce((sum, piece) => sum + piece.length + 1, 0);
  }

  /** The end of the match that starts exactly at `start`, or -1. */
  endAt(value: readonly string[], start: number, longest: boolean): number {
    const [first = [], ...more] = this.#pieces;
    if (!isAt(value, first, start)) return -1;
    return this.#endOf(value, more, start + first.length, longest);
  }

  /** The first place at or after `from` where the pattern matches, as long as it can. */
  find(value: readonly string[], from: number): { start: number; end: number } | null {
    const [first = [], ...more] = this.#pieces;
    const start = indexOf(value, first, from);
    if (start < 0) return null;
    // Where the pieces after it are not found from here, they aren't found from any later place either.
    const end = this.#endOf(value, more, start + first.length, true);
    return end < 0 ? null : { start, end };
  }

  /** Finds the pieces after a star, each as early as it can; the last one decides how long the match is. */
  #endOf(
    value: readonly string[],
    pieces: readonly (readonly Token[])[],
    from: number,
    longest: boolean,
  ): number {
    let at = from;
    for (const [index, piece] of pieces.entries()) {
      const isLast = index === pieces.length - 1;
      const found = isLast && longest ? lastIndexOf(value, piece, at) : indexOf(value, piece, at);
      if (found < 0) return -1;
      at = found + piece.length;
    }
    return at;
  }
}

function isAt(value: readonly string[], piece: readonly Token[], start: number): boolean {
  if (start + piece.length > value.length) return false;
  return piece.every((token, index) => token === ANY || token === value[start + index]);
}

function indexOf(value: readonly string[], piece: readonly Token[], from: number): number {
  for (let at = from; at + piece.length <= value.length; at += 1) if (isAt(value, piece, at)) return at;
  return -1;
}

function lastIndexOf(value: readonly string[], piece: readonly Token[], from: number): number {
  for (let at = value.length - piece.length; at >= from; at -= 1) if (isAt(value, piece, at)) return at;
  return -1;
}

function parse(text: string, value: readonly string[], budget: ExpansionBudget): ShellPattern {
  const pattern = ShellPattern.parse(text);
  budget.left -= pattern.length * value.length;
  if (budget.left < 0) throw new PatternError("the pattern takes too long");
  return pattern;
}

/** `${name#pattern}`, and `##` with `longest`. Throws PatternError. */
export function trimPrefix(
  value: string,
  pattern: string,
  longest: boolean,
  budget: ExpansionBudget,
): string {
  const characters = [...value];
  const end = parse(pattern, characters, budget).endAt(characters, 0, longest);
  return end < 0 ? value : characters.slice(end).join("");
}

/** `${name%pattern}`, and `%%` with `longest`. Throws PatternError. */
export function trimSuffix(
  value: string,
  pattern: string,
  longest: boolean,
  budget: ExpansionBudget,
): string {
  const characters = [...value].reverse();
  const end = parse(reversePattern(pattern), characters, budget).endAt(characters, 0, longest);
  return end < 0 ? value : characters.slice(end).reverse().join("");
}

/** The pattern from behind, each escape still before what it escapes; one at the very end comes first, as in BuildKit. */
function reversePattern(pattern: string): string {
  const characters = [...pattern];
  const parts: string[] = [];
  for (let at = 0; at < characters.length; at += 1) {
    const character = characters[at] ?? "";
    const isEscape = character === "\\" && at + 1 < characters.length;
    if (isEscape) at += 1;
    parts.push(isEscape ? character + (characters[at] ?? "") : character);
  }
  return parts.reverse().join("");
}

/** `${name/pattern/replacement}`. Throws PatternError. */
export function replaceFirst(
  value: string,
  pattern: string,
  replacement: string,
  budget: ExpansionBudget,
): string {
  const characters = [...value];
  const found = parse(pattern, characters, budget).find(characters, 0);
  if (found === null) return value;
  return characters.slice(0, found.start).join("") + replacement + characters.slice(found.end).join("");
}

/** `${name//pattern/replacement}`: an empty match counts, but not right after another one. Throws PatternError. */
export function replaceAll(
  value: string,
  pattern: string,
  replacement: string,
  budget: ExpansionBudget,
): string {
  const characters = [...value];
  const compiled = parse(pattern, characters, budget);
  const result: string[] = [];
  let copied = 0;
  for (let from = 0; from <= characters.length; ) {
    const found = compiled.find(characters, from);
    if (found === null) break;
    for (let at = copied; at < found.start; at += 1) result.push(characters[at] ?? "");
    if (found.end > copied || found.start === 0) result.push(replacement);
    copied = found.end;
    from = Math.max(found.end, from + 1);
  }
  for (let at = copied; at < characters.length; at += 1) result.push(characters[at] ?? "");
  return result.join("");
}
