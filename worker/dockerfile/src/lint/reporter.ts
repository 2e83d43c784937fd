import { type DiagnosticCode, Diagnostics } from "../diagnostics.ts";
import { directiveIn } from "../directives.ts";
import type { SourceRange } from "../source.ts";
import { type CheckOptions, parseCheckOptions } from "./check-options.ts";
import { LINT_RULES, type LintRule } from "./rules.ts";

/** Where a check found something. */
export interface Place {
  readonly range: SourceRange;
  /** Comments right above the instruction; a `check=` among them counts for it alone. */
  readonly comments: readonly string[];
}

/** Takes what checks find, as far as the `check` directive wants to know of it. */
export class Reporter {
  readonly diagnostics = new Diagnostics<LintRule | DiagnosticCode>();
  readonly #options: CheckOptions;
  readonly #called = new Set<LintRule>();

  constructor(options: CheckOptions) {
    this.#options = options;
  }

  /** Rules that found something, in the order in which they did. */
  get called(): readonly LintRule[] {
    return [...this.#called];
  }

  /** True once nothing more is kept, so that it need not be looked for. */
  get isFull(): boolean {
    return this.diagnostics.list.length >= Diagnostics.MAX_COUNT;
  }

  report(rule: LintRule, place: Place, message: string, suggestion: string | null = null): void {
    const options = [this.#options, ...optionsIn(place.comments)];
    const isWanted = LINT_RULES[rule].isExperimental
      ? options.some(({ experimental }) => experimental === "all" || experimental.has(rule))
      : !options.some(({ skip }) => skip === "all" || skip.has(rule));
    if (!isWanted) return;
    this.#called.add(rule);
    this.diagnostics.warning(rule, place.range, message, suggestion);
  }
}

/** The first `check=` of an instruction's comments; one that can't be read changes nothing. */
function optionsIn(comments: readonly string[]): CheckOptions[] {
  for (const comment of comments) {
    const written = directiveIn(comment, "check");
    if (written === null) continue;
    const options = parseCheckOptions(written);
    return typeof options === "string" ? [] : [options];
  }
  return [];
}
