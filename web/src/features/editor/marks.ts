import type { SourceRange } from "@slipway/protocol";

/** Something said about a place in the open file. */
export interface Mark {
  readonly severity: "error" | "warning";
  readonly range: SourceRange;
  readonly text: string;
}

/** A wish to see a range; `wish` differs from the last one's, so that the same range can be wished for again. */
export interface Reveal {
  readonly range: SourceRange;
  readonly wish: number;
}

/** Longest excerpt of a text that a sentence repeats, characters. */
const EXCERPT_CHARACTERS = 60;

/** The text in a range, of its first line only. */
export function excerpt(text: string, range: SourceRange): string {
  const line = text.split(/\r?\n/)[range.startLine - 1] ?? "";
  const end = range.endLine === range.startLine ? range.endColumn : line.length;
  return line.slice(range.startColumn - 1, end).slice(0, EXCERPT_CHARACTERS);
}
