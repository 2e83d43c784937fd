import type { SourceRange } from "./source.ts";

export type DiagnosticCode =
  | "file-too-large"
  | "line-too-long"
  | "file-empty"
  | "directive-duplicate"
  | "directive-invalid"
  | "heredoc-unterminated"
  | "instruction-unknown"
  | "flag-unknown"
  | "flag-unsupported"
  | "flag-invalid"
  | "argument-missing"
  | "argument-invalid"
  | "from-missing"
  | "stage-name-invalid"
  | "stage-unknown"
  | "stage-cycle"
  | "target-unknown"
  | "build-args-unused"
  | "variable-invalid"
  | "checks-failed";

/**
 * Something to say about a Dockerfile. With an `error` it can't be built. `Code` is the parser's and the plan's by
 * default; build checks have BuildKit's rule names (see lint).
 */
export interface Diagnostic<Code extends string = DiagnosticCode> {
  readonly severity: "error" | "warning";
  readonly code: Code;
  readonly message: string;
  readonly range: SourceRange;
  /** What was probably meant, such as the keyword nearest to a misspelt one. */
  readonly suggestion: string | null;
}

/** Collects diagnostics up to a bound, so that a file of nonsense gives a short list. */
export class Diagnostics<Code extends string = DiagnosticCode> {
  static readonly MAX_COUNT = 100;
  readonly list: Diagnostic<Code>[] = [];

  get hasErrors(): boolean {
    return this.list.some(({ severity }) => severity === "error");
  }

  error(code: Code, range: SourceRange, message: string, suggestion: string | null = null): void {
    this.#add({ severity: "error", code, message, range, suggestion });
  }

  warning(code: Code, range: SourceRange, message: string, suggestion: string | null = null): void {
    this.#add({ severity: "warning", code, message, range, suggestion });
  }

  #add(diagnostic: Diagnostic<Code>): void {
    if (this.list.length < Diagnostics.MAX_COUNT) this.list.push(diagnostic);
  }
}
