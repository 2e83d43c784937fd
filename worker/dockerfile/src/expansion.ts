import { expandPattern, type PatternOperator } from "./expansion-patterns.ts";

/** A value that can't be expanded: a bad modifier, an open quote, or `${name:?message}` of an unset name. */
export class ExpansionError extends Error {
  override readonly name = "ExpansionError";
}

export type Variables = ReadonlyMap<string, string>;

/**
 * Expands variables and removes quotes and escapes of one word, as BuildKit's shell lexer does
 * (frontend/dockerfile/shell/lex.go): nothing within '…', variables within "…", unset variables are empty.
 * Throws ExpansionError.
 */
export function expandWord(word: string, variables: Variables, escape: string): string {
  return new Expander(word, variables, escape, "word").run().join("");
}

/** As expandWord, and splits at white space outside of quotes, also at that of expanded values. */
export function expandWords(text: string, variables: Variables, escape: string): string[] {
  return new Expander(text, variables, escape, "words").run();
}

/** Expands variables only: quotes and white space stay. For here-documents. */
export function expandText(text: string, variables: Variables, escape: string): string {
  return new Expander(text, variables, escape, "text").run().join("");
}

/** Nesting of `${a:-${b:-…}}` that is followed. */
const MAX_DEPTH = 20;

class Expander {
  readonly #text: string;
  readonly #variables: Variables;
  readonly #escape: string;
  readonly #mode: "word" | "words" | "text";
  readonly #depth: number;
  readonly #words: string[] = [];
  #current = "";
  #open = false;
  #at = 0;

  constructor(
    text: string,
    variables: Variables,
    escape: string,
    mode: "word" | "words" | "text",
    depth = 0,
  ) {
    if (depth > MAX_DEPTH) throw new ExpansionError("variables are nested too deeply");
    this.#text = text;
    this.#variables = variables;
    this.#escape = escape;
    this.#mode = mode;
    this.#depth = depth;
  }

  run(): string[] {
    while (this.#at < this.#text.length) this.#step(this.#text[this.#at] ?? "");
    if (this.#open || this.#mode !== "words") this.#words.push(this.#current);
    return this.#words;
  }

  #step(character: string): void {
    if (character === "$") this.#addExpanded(this.#dollar());
    else if (this.#mode === "text") this.#stepText(character);
    else if (character === "'") this.#singleQuoted();
    else if (character === '"') this.#doubleQuoted();
    else if (character === this.#escape) this.#escaped();
    else if (this.#mode === "words" && /\s/.test(character)) {
      this.#endWord();
      this.#at += 1;
    } else {
      this.#add(character);
      this.#at += 1;
    }
  }

  #stepText(character: string): void {
    const next = this.#text[this.#at + 1];
    const escapes = character === this.#escape && (next === "$" || next === this.#escape);
    this.#add(escapes ? (next ?? "") : character);
    this.#at += escapes ? 2 : 1;
  }

  #add(text: string): void {
    this.#current += text;
    this.#open = true;
  }

  #addExpanded(value: string): void {
    if (this.#mode !== "words") {
      this.#add(value);
      return;
    }
    for (const [index, part] of value.split(/\s+/).entries()) {
      if (index > 0) this.#endWord();
      if (part !== "") this.#add(part);
    }
  }

  #endWord(): void {
    if (this.#open) this.#words.push(this.#current);
    this.#current = "";
    this.#open = false;
  }

  #singleQuoted(): void {
    const end = this.#text.indexOf("'", this.#at + 1);
    if (end < 0) throw new ExpansionError("a single quote is not closed");
    this.#add(this.#text.slice(this.#at + 1, end));
    this.#at = end + 1;
  }

  #doubleQuoted(): void {
    this.#at += 1;
    this.#add("");
    for (;;) {
      const character = this.#text[this.#at];
      if (character === undefined) throw new ExpansionError("a double quote is not closed");
      if (character === '"') break;
      if (character === "$") {
        this.#add(this.#dollar());
        continue;
      }
      const next = this.#text[this.#at + 1];
      if (character === this.#escape && (next === '"' || next === "$" || next === this.#escape)) {
        this.#add(next);
        this.#at += 2;
        continue;
      }
      this.#add(character);
      this.#at += 1;
    }
    this.#at += 1;
  }

  #escaped(): void {
    const next = this.#text[this.#at + 1];
    if (next !== undefined) this.#add(next);
    this.#at += 2;
  }

  /** Reads `$name` or `${…}` and gives its value; a `$` that starts no variable stands for itself. */
  #dollar(): string {
    const rest = this.#text.slice(this.#at + 1);
    if (rest.startsWith("{")) return this.#braced();
    const name = /^([A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?!$-])/.exec(rest)?.[0];
    this.#at += 1 + (name?.length ?? 0);
    return name === undefined ? "$" : (this.#variables.get(name) ?? "");
  }

  #braced(): string {
    const end = closingBrace(this.#text, this.#at + 2, this.#escape);
    if (end < 0) throw new ExpansionError("${ is not closed");
    const inner = this.#text.slice(this.#at + 2, end);
    this.#at = end + 1;
    const match = /^([A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?!$-])(:[-+?]|[-+?]|##?|%%?|\/\/?)?([\s\S]*)$/.exec(
      inner,
    );
    if (!match?.[1] || (match[2] === undefined && match[3] !== "")) {
      throw new ExpansionError(`unsupported modifier in \${${inner.slice(0, 64)}}`);
    }
    return this.#modified(match[1], match[2] ?? "", match[3] ?? "");
  }

  #modified(name: string, operator: string, word: string): string {
    const value = this.#variables.get(name);
    const usable = operator.startsWith(":") ? value !== undefined && value !== "" : value !== undefined;
    switch (operator.replace(":", "")) {
      case "":
        return value ?? "";
      case "-":
        return usable ? (value ?? "") : this.#expand(word);
      case "+":
        return usable ? this.#expand(word) : "";
      case "?":
        if (usable) return value ?? "";
        throw new ExpansionError(`${name}: ${this.#expand(word) || "is not set"}`);
      default: {
        const changed = expandPattern(value ?? "", operator as PatternOperator, this.#expand(word));
        if (changed === null) throw new ExpansionError(`the pattern of ${name} is too long`);
        return changed;
      }
    }
  }

  #expand(word: string): string {
    return new Expander(word, this.#variables, this.#escape, "word", this.#depth + 1).run().join("");
  }
}

/** Where the `}` of a `${` is; braces of inner `${…}` are skipped. -1 when there is none. */
function closingBrace(text: string, from: number, escape: string): number {
  let depth = 1;
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === escape) at += 1;
    else if (text[at] === "$" && text[at + 1] === "{") {
      depth += 1;
      at += 1;
    } else if (text[at] === "}") {
      depth -= 1;
      if (depth === 0) return at;
    }
  }
  return -1;
}
