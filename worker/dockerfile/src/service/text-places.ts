import type { SourceRange } from "../source.ts";

/** A stretch of a text, by offsets in UTF-16 units; `to` is exclusive. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** One change of a text. */
export interface TextEdit extends Span {
  readonly insert: string;
}

/** Offsets of a text by its lines and columns, both from 1, and back. */
export class TextPlaces {
  readonly text: string;
  /** Where each line starts. A mark of byte order belongs to no line, as for the parser. */
  readonly #starts: number[] = [];

  constructor(text: string) {
    this.text = text;
    for (let at = text.startsWith("\uFEFF") ? 1 : 0; ; ) {
      this.#starts.push(at);
      const newline = text.indexOf("\n", at);
      if (newline < 0) break;
      at = newline + 1;
    }
  }

  get lineCount(): number {
    return this.#starts.length;
  }

  /** Offset of a line's first character; a line that is not there is the nearest one. */
  startOf(line: number): number {
    return this.#starts[Math.min(Math.max(1, line), this.lineCount) - 1] ?? 0;
  }

  /** Offset of a line's end, before its line end. */
  endOf(line: number): number {
    if (line >= this.lineCount) return this.text.length;
    const end = this.startOf(line + 1) - 1;
    return this.text[end - 1] === "\r" && end > this.startOf(line) ? end - 1 : end;
  }

  /** A line without its line end. */
  line(line: number): string {
    return this.text.slice(this.startOf(line), this.endOf(line));
  }

  offsetOf(line: number, column: number): number {
    return Math.min(this.startOf(line) + Math.max(0, column - 1), this.endOf(line));
  }

  positionOf(offset: number): { line: number; column: number } {
    let low = 0;
    let high = this.lineCount - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: Math.max(1, offset - (this.#starts[low] ?? 0) + 1) };
  }

  /** A range of the parser, whose end is inclusive, as a span. */
  spanOf(range: SourceRange): Span {
    const from = this.offsetOf(range.startLine, range.startColumn);
    return { from, to: Math.max(from, this.offsetOf(range.endLine, range.endColumn + 1)) };
  }
}

/** The text after all edits, which don't overlap. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  let result = "";
  let at = 0;
  for (const { from, to, insert } of edits.toSorted((left, right) => left.from - right.from)) {
    result += text.slice(at, from) + insert;
    at = to;
  }
  return result + text.slice(at);
}
