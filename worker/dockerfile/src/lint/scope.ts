import {
  type ExpansionBudget,
  ExpansionError,
  expandNoting,
  expandText,
  expandWords,
  type Variables,
} from "../expansion.ts";
import type { Instruction } from "../instructions.ts";
import { suggest } from "../keywords.ts";
import type { Reporter } from "./reporter.ts";

/** Variables that may be looked at for a suggestion. */
const MAX_CANDIDATES = 500;

/** Work that the copy of one variable counts as. */
const COPY_COST = 64;

/** Variables of a stage, instruction by instruction. */
export class Scope {
  readonly #values: Map<string, string>;
  /** Arguments that are declared, with a value or without. */
  readonly #declared: Set<string>;
  readonly #escape: string;
  /** Shared by all stages of a file: what they write must not take long to check. */
  readonly #budget: ExpansionBudget;
  /** Whether all variables are known that a base image may have set. */
  readonly #isComplete: boolean;

  constructor(
    values: Variables,
    isComplete: boolean,
    escape: string,
    budget: ExpansionBudget,
    declared: ReadonlySet<string> = new Set(),
  ) {
    this.#values = new Map(values);
    this.#declared = new Set(declared);
    this.#isComplete = isComplete;
    this.#escape = escape;
    this.#budget = budget;
  }

  /** The scope that a stage on top of this one starts with. */
  copy(): Scope {
    this.#budget.left -= COPY_COST * (this.#values.size + this.#declared.size);
    const isComplete = this.#isComplete && this.#budget.left > 0;
    const values = isComplete ? this.#values : new Map<string, string>();
    return new Scope(values, isComplete, this.#escape, this.#budget, isComplete ? this.#declared : new Set());
  }

  declare(name: string): void {
    this.#declared.add(name);
  }

  set(name: string, value: string): void {
    this.#values.set(name, value);
  }

  /** Expands a word, and reports names that are not defined; null where it can't be expanded. */
  expand(text: string, instruction: Instruction, reporter: Reporter): string | null {
    const work = () => expandNoting(text, this.#values, this.#escape, this.#budget);
    const expanded = attempt(work);
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
    const noting = { onName, budget: this.#budget };
    if (attempt(() => expandText(text, this.#values, noting)) === null) return;
    this.#report(unmatched, instruction, reporter);
  }

  /** The words that a text expands to; nothing is reported. */
  words(text: string): readonly string[] {
    return attempt(() => expandWords(text, this.#values, this.#escape, this.#budget)) ?? [];
  }

  #report(unmatched: ReadonlySet<string>, instruction: Instruction, reporter: Reporter): void {
    if (!this.#isComplete) return;
    for (const name of unmatched) {
      if (reporter.isFull) return;
      if (this.#declared.has(name)) continue;
      const near = suggest(name, [...this.#values.keys()].slice(-MAX_CANDIDATES));
      const hint = near === null ? "" : ` (did you mean $${near}?)`;
      const message = `Usage of undefined variable '$${name.slice(0, 200)}'${hint}`;
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
