import { type AnsiStyle, PLAIN, styledRow } from "./ansi.ts";
import type { Output } from "./output.ts";

/** Longest row; a longer line is several rows. */
const ROW_CHARACTERS = 2000;
/** Most rows of one step that can be shown; their height stays below what browsers can scroll. */
export const MAX_ROWS = 1_000_000;
/** A sequence of a terminal is not cut in two when it is no longer than this. */
const SEQUENCE_CHARACTERS = 64;

interface StyleChange {
  readonly row: number;
  readonly style: AnsiStyle;
}

/** The rows of an output. Takes what is new of it and never looks at a character twice. */
export class LogLines {
  readonly #rows: string[] = [];
  /** Rows from which on another style holds, in their order. */
  readonly #changes: StyleChange[] = [{ row: 0, style: PLAIN }];
  #taken = { piece: 0, at: 0 };
  /** The line that has no end yet. */
  #open = "";

  /** Brings the rows up to what `output`, a later state of the same, has now. */
  take(output: Output): void {
    for (; this.#taken.piece < output.pieces.length; this.#taken = { piece: this.#taken.piece + 1, at: 0 }) {
      const piece = output.pieces[this.#taken.piece] ?? "";
      this.#add(piece.slice(this.#taken.at));
      // More may come into the last piece.
      if (this.#taken.piece === output.pieces.length - 1) {
        this.#taken = { piece: this.#taken.piece, at: piece.length };
        return;
      }
    }
  }

  get count(): number {
    return Math.min(MAX_ROWS, this.#rows.length + (this.#open === "" ? 0 : 1));
  }

  /** True when there are more rows than can be shown. */
  get isCut(): boolean {
    return this.#rows.length >= MAX_ROWS;
  }

  /** A row as it was printed, its sequences included. */
  row(index: number): string {
    return this.#rows[index] ?? (index === this.#rows.length ? lastState(this.#open) : "");
  }

  /** The style that a row begins with. */
  styleAt(index: number): AnsiStyle {
    let low = 0;
    let high = this.#changes.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#changes[middle]?.row ?? 0) <= index) low = middle;
      else high = middle - 1;
    }
    return this.#changes[low]?.style ?? PLAIN;
  }

  #add(text: string): void {
    const lines = (this.#open + text).split("\n");
    this.#open = lines.pop() ?? "";
    for (const line of lines) this.#push(lastState(line));
    while (this.#open.length > ROW_CHARACTERS * 2) {
      const end = cutAt(this.#open);
      this.#push(this.#open.slice(0, end));
      this.#open = this.#open.slice(end);
    }
  }

  #push(line: string): void {
    let rest = line;
    while (rest.length > ROW_CHARACTERS) {
      const end = cutAt(rest);
      this.#pushRow(rest.slice(0, end));
      rest = rest.slice(end);
    }
    this.#pushRow(rest);
  }

  #pushRow(row: string): void {
    if (this.isCut) return;
    this.#rows.push(row);
    if (!row.includes("\u001b")) return;
    const before = this.#changes.at(-1)?.style ?? PLAIN;
    const { end } = styledRow(row, before);
    if (end !== before) this.#changes.push({ row: this.#rows.length, style: end });
  }
}

/** What a terminal shows of a line: a carriage return starts it anew. */
function lastState(line: string): string {
  const trimmed = line.replace(/\r+$/, "");
  return trimmed.slice(trimmed.lastIndexOf("\r") + 1);
}

/** Where a row of a long line ends: neither within a character nor within a sequence. */
function cutAt(line: string): number {
  const mark = line.lastIndexOf("\u001b", ROW_CHARACTERS - 1);
  if (mark > ROW_CHARACTERS - SEQUENCE_CHARACTERS) return mark;
  const unit = line.charCodeAt(ROW_CHARACTERS - 1);
  return unit >= 0xd800 && unit < 0xdc00 ? ROW_CHARACTERS - 1 : ROW_CHARACTERS;
}

const known = new WeakMap<object, LogLines>();

/** The rows of an output, as far as it goes by now. */
export function linesOf(output: Output): LogLines {
  let lines = known.get(output.key);
  if (!lines) {
    lines = new LogLines();
    known.set(output.key, lines);
  }
  lines.take(output);
  return lines;
}
