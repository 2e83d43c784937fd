import type { SourceRange } from "./source.ts";

export type DiagnosticCode =
  | "file-too-large"
  | "file-empty"
  | "directive-duplicate"
  | "directive-invalid"
  | "empty-continuation"
  | "heredoc-unterminated"
  | "instruction-unknown"
  | "instruction-unsupported"
  | "flag-unknown"
  | "flag-unsupported"
  | "flag-invalid"
  | "argument-missing"
  | "argument-invalid"
  | "from-missing"
  | "stage-name-invalid"
  | "stage-name-duplicate"
  | "stage-unknown"
  | "variable-invalid";

/** Something to say about a Dockerfile. With an `error` it can't be built. */
export interface Diagnostic {
  readonly severity: "error" | "warning";
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly range: SourceRange;
  /** What was probably meant, such as the keyword nearest to a misspelt one. */
  readonly suggestion: string | null;
}

/** Collects diagnostics up to a bound, so that a file of nonsense gives a short list. */
export class Diagnostics {
  static readonly MAX_COUNT = 100;
  readonly list: Diagnostic[] = [];

  error(code: DiagnosticCode, range: SourceRange, message: string, suggestion: string | null = null): void {
    this.#add({ severity: "error", code, message, range, suggestion });
  }

  warning(code: DiagnosticCode, range: SourceRange, message: string): void {
    this.#add({ severity: "warning", code, message, range, suggestion: null });
  }

  #add(diagnostic: Diagnostic): void {
    if (this.list.length < Diagnostics.MAX_COUNT) this.list.push(diagnostic);
  }
}
