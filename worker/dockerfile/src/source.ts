/** Lines and columns (UTF-16 units) of the Dockerfile's text, both from 1; the end is inclusive. */
export interface SourceRange {
  readonly startLine: number;
  readonly startColumn: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** One physical line's share of a logical line. */
interface Segment {
  /** Where the share starts in the logical line's text. */
  readonly offset: number;
  readonly line: number;
  /** Column of the share's first character. */
  readonly column: number;
}

/** Maps offsets of a logical line (continuations joined) back to the text that a person wrote. */
export class SourceMap {
  readonly #segments: Segment[] = [];

  add(offset: number, line: number, column: number): void {
    this.#segments.push({ offset, line, column });
  }

  position(offset: number): { line: number; column: number } {
    let found: Segment = { offset: 0, line: 1, column: 1 };
    for (const segment of this.#segments) {
      if (segment.offset > offset) break;
      found = segment;
    }
    return { line: found.line, column: found.column + Math.max(0, offset - found.offset) };
  }

  /** The range of `text[start, end)`; an empty range covers the character at `start`. */
  range(start: number, end: number): SourceRange {
    const first = this.position(start);
    const last = this.position(Math.max(start, end - 1));
    return {
      startLine: first.line,
      startColumn: first.column,
      endLine: last.line,
      endColumn: last.column,
    };
  }
}
