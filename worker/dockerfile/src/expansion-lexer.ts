import { isSpace } from "./characters.ts";
import {
  type ExpansionBudget,
  PatternError,
  replaceAll,
  replaceFirst,
  trimPrefix,
  trimSuffix,
} from "./expansion-patterns.ts";

/** A value that can't be expanded: a bad modifier, an open quote, or `${name:?message}` of an unset name. */
export class ExpansionError extends Error {
  override readonly name = "ExpansionError";
}

export type Variables = ReadonlyMap<string, string>;

export type NameListener = (name: string, isSet: boolean) => void;

/** Longest result of one expansion: variables that double each other end here. */
export const MAX_EXPANDED_CHARACTERS = 4 * 1024 * 1024;
/** Work of one expansion whose caller sets no bound of its own; see ExpansionBudget. */
const MAX_WORK = 16 * 1024 * 1024;
/** Nesting of `${a:-${b:-…}}` that is followed. */
const MAX_DEPTH = 100;

/** Words as they come about while their text is expanded. */
export class Words {
  readonly #words: string[] = [];
  #current: string[] = [];

  /** Text whose white space separates words. */
  addSplit(text: string): void {
    for (const character of text) {
      if (isSpace(character)) this.#endWord();
      else this.#current.push(character);
    }
  }

  /** Text that belongs to the word as it is. */
  addWhole(text: string): void {
    if (text !== "") this.#current.push(text);
  }

  #endWord(): void {
    if (this.#current.length > 0) this.#words.push(this.#current.join(""));
    this.#current = [];
  }

  end(): string[] {
    this.#endWord();
    return this.#words;
  }
}

export interface LexerOptions {
  readonly variables: Variables;
  readonly escape: string;
  /** Whether quotes have a meaning. */
  readonly quotes: boolean;
  readonly words?: Words;
  readonly onName?: NameListener;
  readonly budget?: ExpansionBudget;
}

const NAME_START = /^[\p{L}_]$/u;
const NAME_PART = /^[\p{L}\p{Nd}_]$/u;
const DIGIT = /^\p{Nd}$/u;
const SPECIAL_PARAMETERS = "@*#?-$!0";

export class Lexer {
  readonly #text: string;
  readonly #options: LexerOptions;
  readonly #budget: ExpansionBudget;
  #at = 0;
  #depth = 0;
  #size = 0;
  /** Escapes stay in the result: it becomes a pattern, where they have a meaning. */
  #keepEscapes = false;

  constructor(text: string, options: LexerOptions) {
    this.#text = text;
    this.#options = options;
    this.#budget = options.budget ?? { left: MAX_WORK };
  }

  run(): string {
    return this.#until(null, false);
  }

  /** Expands up to the stop character, which is passed over; null is the end of the text. */
  #until(stop: string | null, keepEscapes: boolean): string {
    const before = this.#keepEscapes;
    this.#keepEscapes = keepEscapes;
    const words = this.#depth === 0 ? this.#options.words : undefined;
    const result: string[] = [];
    while (this.#at < this.#text.length) {
      const character = this.#text[this.#at] ?? "";
      if (character === stop) {
        this.#at += 1;
        this.#keepEscapes = before;
        return result.join("");
      }
      const isEscape = character === this.#options.escape;
      const isQuote = this.#options.quotes && (character === "'" || character === '"');
      const part = this.#part(character, isEscape);
      if (isEscape || isQuote) words?.addWhole(part);
      else words?.addSplit(part);
      result.push(part);
    }
    if (stop !== null) throw new ExpansionError(`syntax error: missing '${stop}'`);
    return result.join("");
  }

  #part(character: string, isEscape: boolean): string {
    if (character === "$") return this.#dollar();
    if (this.#options.quotes && character === "'") return this.#singleQuoted();
    if (this.#options.quotes && character === '"') return this.#doubleQuoted();
    this.#at += 1;
    if (!isEscape) return this.#bounded(character);
    const next = this.#text[this.#at] ?? "";
    this.#at += 1;
    return this.#bounded(this.#keepEscapes ? character + next : next);
  }

  #bounded(text: string): string {
    this.#size += text.length;
    this.#budget.left -= text.length;
    if (this.#budget.left < 0) throw new ExpansionError("the expansion takes too long");
    if (this.#size > MAX_EXPANDED_CHARACTERS) {
      throw new ExpansionError(`the expanded text has more than ${MAX_EXPANDED_CHARACTERS} characters`);
    }
    return text;
  }

  #singleQuoted(): string {
    const end = this.#text.indexOf("'", this.#at + 1);
    if (end < 0)
      throw new ExpansionError("unexpected end of statement while looking for matching single-quote");
    const inner = this.#text.slice(this.#at + 1, end);
    this.#at = end + 1;
    return this.#bounded(inner);
  }

  #doubleQuoted(): string {
    const result: string[] = [];
    this.#at += 1;
    for (;;) {
      const character = this.#text[this.#at];
      if (character === undefined) {
        throw new ExpansionError("unexpected end of statement while looking for matching double-quote");
      }
      if (character === '"') break;
      if (character === "$") result.push(this.#dollar());
      else if (character === this.#options.escape) result.push(this.#escapedInQuotes(character));
      else {
        this.#at += 1;
        result.push(this.#bounded(character));
      }
    }
    this.#at += 1;
    return result.join("");
  }

  /** Within double quotes only `"`, `$` and the escape itself can be escaped; before others it stays. */
  #escapedInQuotes(escape: string): string {
    const next = this.#text[this.#at + 1] ?? "";
    const isEscaped = next !== "" && (next === '"' || next === "$" || next === escape);
    this.#at += isEscaped ? 2 : 1;
    const kept = isEscaped ? next : next === "" ? "" : escape;
    return this.#bounded(this.#keepEscapes ? escape + kept : kept);
  }

  #value(name: string): string | undefined {
    const value = this.#options.variables.get(name);
    this.#options.onName?.(name, value !== undefined);
    return value;
  }

  /** Reads `$name` or `${…}` and gives its value; a `$` that starts no variable stands for itself. */
  #dollar(): string {
    this.#at += 1;
    if (this.#text[this.#at] === "{") return this.#bounded(this.#braced());
    const name = this.#name();
    return this.#bounded(name === "" ? "$" : (this.#value(name) ?? ""));
  }

  /** Letters, digits and `_`; digits alone; or one character of the special parameters. */
  #name(): string {
    const start = this.#at;
    const first = this.#characterAt(start);
    if (DIGIT.test(first)) {
      while (DIGIT.test(this.#characterAt(this.#at))) this.#at += this.#characterAt(this.#at).length;
    } else if (first !== "" && SPECIAL_PARAMETERS.includes(first)) this.#at += 1;
    else if (NAME_START.test(first)) {
      while (NAME_PART.test(this.#characterAt(this.#at))) this.#at += this.#characterAt(this.#at).length;
    }
    return this.#text.slice(start, this.#at);
  }

  #characterAt(at: number): string {
    const code = this.#text.codePointAt(at);
    return code === undefined ? "" : String.fromCodePoint(code);
  }

  #braced(): string {
    if (this.#depth >= MAX_DEPTH) throw new ExpansionError("variables are nested too deeply");
    this.#depth += 1;
    this.#at += 1;
    const value = this.#substitution();
    this.#depth -= 1;
    return value;
  }

  #substitution(): string {
    const first = this.#text[this.#at];
    if (first === undefined) throw new ExpansionError("syntax error: missing '}'");
    if (first === "{" || first === "}" || first === ":") {
      throw new ExpansionError("syntax error: bad substitution");
    }
    const name = this.#name();
    const operator = this.#characterAt(this.#at);
    if (operator === "") throw new ExpansionError("syntax error: missing '}'");
    this.#at += operator.length;
    switch (operator) {
      case "}":
        return this.#value(name) ?? "";
      case ":":
        return this.#conditional(name, true);
      case "+":
      case "-":
      case "?":
        this.#at -= 1;
        return this.#conditional(name, false);
      case "#":
      case "%":
        return this.#trimmed(name, operator);
      case "/":
        return this.#replaced(name);
      default:
        throw new ExpansionError(`unsupported modifier (${operator}) in substitution`);
    }
  }

  /** `${name-word}`, `${name+word}`, `${name?word}`; with a colon an empty value counts as unset. */
  #conditional(name: string, emptyIsUnset: boolean): string {
    const operator = this.#characterAt(this.#at);
    if (operator === "" || !"+-?".includes(operator)) {
      throw new ExpansionError(`unsupported modifier (:${operator}) in substitution`);
    }
    this.#at += 1;
    const word = this.#until("}", false);
    const value = this.#value(name);
    const isUsable = value !== undefined && !(emptyIsUnset && value === "");
    if (operator === "-") return isUsable ? value : word;
    if (operator === "+") return isUsable ? word : "";
    if (isUsable) return value;
    const problem = value === undefined ? "is not allowed to be unset" : "is not allowed to be empty";
    throw new ExpansionError(`${name}: ${word || problem}`);
  }

  #trimmed(name: string, operator: "#" | "%"): string {
    const word = this.#until("}", true);
    const longest = word.startsWith(operator);
    const pattern = longest ? word.slice(1) : word;
    const value = this.#value(name) ?? "";
    return withPattern(pattern, () =>
      operator === "#"
        ? trimPrefix(value, pattern, longest, this.#budget)
        : trimSuffix(value, pattern, longest, this.#budget),
    );
  }

  #replaced(name: string): string {
    const every = this.#text[this.#at] === "/";
    if (every) this.#at += 1;
    const pattern = this.#until("/", true);
    const replacement = this.#until("}", true);
    const value = this.#value(name) ?? "";
    return withPattern(pattern, () =>
      every
        ? replaceAll(value, pattern, replacement, this.#budget)
        : replaceFirst(value, pattern, replacement, this.#budget),
    );
  }
}

function withPattern(pattern: string, work: () => string): string {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    throw new ExpansionError(`invalid pattern (${pattern.slice(0, 64)}) in substitution: ${error.message}`);
  }
}
