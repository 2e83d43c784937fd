import type { LintDiagnostic } from "../lint/lint.ts";
import type { Entry } from "../parser.ts";
import { type DockerfileText, type Parts, partsOf } from "./dockerfile-text.ts";
import { FIXES } from "./fixes.ts";
import type { TextEdit } from "./text-places.ts";

/** What a fix does, for the sentence on its button; `text` is what it writes, or takes away. */
export interface FixTitle {
  readonly kind: "replace" | "insert" | "remove" | "rename-stage" | "json-form" | "capitals";
  readonly text: string;
}

export interface QuickFix {
  readonly title: FixTitle;
  readonly edits: readonly TextEdit[];
}

/** Where a diagnostic stands: its instruction, cut up. */
export interface Place {
  readonly text: DockerfileText;
  readonly entry: Entry;
  readonly parts: Parts;
  readonly diagnostic: LintDiagnostic;
}

/** Changes that mend what a diagnostic is about, the best one first; empty where none is known. */
export function quickFixes(text: DockerfileText, diagnostic: LintDiagnostic): readonly QuickFix[] {
  const fix = FIXES[diagnostic.code];
  if (fix === undefined) return [];
  const entry = text.entryAt(diagnostic.range.startLine);
  // Fixes of the file as a whole stand on its first entry.
  const at = entry ?? (diagnostic.code === "from-missing" ? (text.entries[0] ?? null) : null);
  if (at === null) return [];
  return fix({ text, entry: at, parts: partsOf(at), diagnostic }).filter(({ edits }) => edits.length > 0);
}
