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
  readonly #outer: SourceMap | null;
  readonly #shift: number;

  /** With an outer map: that of a text which starts at `shift` in the outer one's. */
  constructor(outer: SourceMap | null = null, shift = 0) {
    this.#outer = outer;
    this.#shift = shift;
  }

  /** Offsets rise from call to call. */
  add(offset: number, line: number, column: number): void {
    this.#segments.push({ offset, line, column });
  }

  position(offset: number): { line: number; column: number } {
    if (this.#outer !== null) return this.#outer.position(offset + this.#shift);
    const found = this.#segmentAt(offset);
    return { line: found.line, column: found.column + Math.max(0, offset - found.offset) };
  }

  /**
   * The offset of a place that a person points at, or null where the logical line has no share of that physical line. What
   * lies behind the share, such as a continuation character, counts as its end.
   */
  offsetAt(line: number, column: number): number | null {
    if (this.#outer !== null) {
      const offset = this.#outer.offsetAt(line, column);
      return offset === null ? null : Math.max(0, offset - this.#shift);
    }
    const index = this.#segments.findLastIndex(
      (one) => one.line === line && one.column <= Math.max(1, column),
    );
    const segment = this.#segments[index] ?? this.#segments.find((one) => one.line === line);
    if (segment === undefined) return null;
    const end = this.#segments[this.#segments.indexOf(segment) + 1]?.offset ?? Number.POSITIVE_INFINITY;
    return Math.min(segment.offset + Math.max(0, column - segment.column), end);
  }

  /** The last physical line that has a share: here-documents come after it. */
  get lastLine(): number {
    return this.#outer?.lastLine ?? this.#segments.at(-1)?.line ?? 1;
  }

  /** The last segment that starts at or before the offset, by halving. */
  #segmentAt(offset: number): Segment {
    let low = 0;
    let high = this.#segments.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#segments[middle]?.offset ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return this.#segments[low] ?? { offset: 0, line: 1, column: 1 };
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
