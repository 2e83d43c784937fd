import { ExpansionError, expandNoting, expandText, expandWords, type Variables } from "../expansion.ts";
import type { Instruction } from "../instructions.ts";
import { suggest } from "../keywords.ts";
import type { Reporter } from "./reporter.ts";

/** Characters of all values that one stage may hold while it is checked; beyond that its variables are unknown. */
const MAX_CHARACTERS = 16 * 1024 * 1024;

/** Variables of a stage, instruction by instruction. */
export class Scope {
  readonly #values: Map<string, string>;
  /** Arguments that are declared, with a value or without. */
  readonly #declared: Set<string>;
  readonly #escape: string;
  /** Whether all variables are known that a base image may have set. */
  #isComplete: boolean;
  #characters = 0;

  constructor(values: Variables, declared: ReadonlySet<string>, isComplete: boolean, escape: string) {
    this.#values = new Map(values);
    this.#declared = new Set(declared);
    this.#isComplete = isComplete;
    this.#escape = escape;
  }

  /** The scope that a stage on top of this one starts with. */
  copy(): Scope {
    return new Scope(this.#values, this.#declared, this.#isComplete, this.#escape);
  }

  declare(name: string): void {
    this.#declared.add(name);
  }

  set(name: string, value: string): void {
    this.#characters += value.length;
    if (this.#characters > MAX_CHARACTERS) this.#isComplete = false;
    else this.#values.set(name, value);
  }

  /** Expands a word, and reports names that are not defined; null where it can't be expanded. */
  expand(text: string, instruction: Instruction, reporter: Reporter): string | null {
    const expanded = attempt(() => expandNoting(text, this.#values, this.#escape));
    if (expanded === null) return null;
    this.#report(expanded.unmatched, instruction, reporter);
    return expanded.text;
  }

  /** As expand, for a here-document. */
  expandDocument(text: string, instruction: Instruction, reporter: Reporter): void {
    const unmatched = new Set<string>();
    const onName = (name: string, isSet: boolean): void => {
      if (!isSet) unmatched.add(name);
    };
    if (attempt(() => expandText(text, this.#values, onName)) === null) return;
    this.#report(unmatched, instruction, reporter);
  }

  /** The words that a text expands to; nothing is reported. */
  words(text: string): readonly string[] {
    return attempt(() => expandWords(text, this.#values, this.#escape)) ?? [];
  }

  #report(unmatched: ReadonlySet<string>, instruction: Instruction, reporter: Reporter): void {
    if (!this.#isComplete) return;
    for (const name of unmatched) {
      if (this.#declared.has(name)) continue;
      const near = suggest(name, [...this.#values.keys()]);
      const hint = near === null ? "" : ` (did you mean $${near}?)`;
      const message = `Usage of undefined variable '$${name}'${hint}`;
      reporter.report("UndefinedVar", instruction, message, near);
    }
  }
}

/** null where the text can't be expanded, which is an error of the build and no check's matter. */
function attempt<Result>(work: () => Result): Result | null {
  try {
    return work();
  } catch (error) {
    if (error instanceof ExpansionError) return null;
    throw error;
  }
}
