import type { IBuffer, IBufferCell } from "@xterm/headless";
import type { Attributes } from "./core.ts";
import {
  backgroundOf,
  PLAIN,
  PLAIN_RENDITION,
  rendition,
  sameRendition,
  showsWithoutCharacter,
} from "./rendition.ts";

/** Code units of one cell that are kept: a letter may have any number of marks on it. */
const CELL_CHARACTERS = 32;

/** Cells of the public interface are the ones of the core. */
const attributesOf = (cell: IBufferCell): Attributes => cell as unknown as Attributes;

/** Writes rows of a buffer as text and sequences; it always leaves the plain rendition behind it. */
export class RowWriter {
  readonly #buffer: IBuffer;
  readonly #cols: number;
  readonly #styled: boolean;
  #cell: IBufferCell;
  #current: Attributes = PLAIN;
  #text = "";

  /** Without `styled` characters alone count. */
  constructor(buffer: IBuffer, cols: number, styled: boolean) {
    this.#buffer = buffer;
    this.#cols = cols;
    this.#styled = styled;
    this.#cell = buffer.getNullCell();
  }

  /** Row `index` from its first cell on, with the cursor there, and nothing after its last cell that shows something. */
  row(index: number): string {
    this.#text = "";
    const line = this.#buffer.getLine(index);
    let column = 0;
    while (line !== undefined && column < this.#cols) {
      const cell = line.getCell(column, this.#cell);
      if (cell === undefined) break;
      const width = Math.max(1, cell.getWidth());
      if (isBlank(cell)) column += this.#blanks(index, column);
      else {
        this.#become(attributesOf(cell));
        this.#text += cell.getChars().slice(0, CELL_CHARACTERS) || " ".repeat(width);
        column += width;
      }
    }
    this.#become(PLAIN);
    return this.#text;
  }

  /** How many cells at the end of row `index` show nothing but a background. */
  trailingBlanks(index: number): number {
    const line = this.#buffer.getLine(index);
    let blanks = 0;
    for (let column = this.#cols - 1; column >= 0; column--) {
      const cell = line?.getCell(column, this.#cell);
      if (cell === undefined || !isBlank(cell)) break;
      blanks += 1;
    }
    return blanks;
  }

  /** The character of cell `column`, in its rendition. */
  cell(index: number, column: number): string {
    this.#text = "";
    const cell = this.#buffer.getLine(index)?.getCell(column, this.#cell);
    if (cell !== undefined) {
      this.#become(attributesOf(cell));
      this.#text += cell.getChars().slice(0, CELL_CHARACTERS) || " ";
    }
    this.#become(PLAIN);
    return this.#text;
  }

  /** Erased cells of one background from `column` on; answers how many. */
  #blanks(index: number, column: number): number {
    const line = this.#buffer.getLine(index);
    const first = line?.getCell(column, this.#cell);
    const background = first === undefined ? PLAIN : backgroundOf(attributesOf(first));
    let count = 1;
    for (; column + count < this.#cols; count++) {
      const cell = line?.getCell(column + count, this.#cell);
      if (cell === undefined || !isBlank(cell)) break;
      if (backgroundOf(attributesOf(cell)).bg !== background.bg) break;
    }
    if (background.bg !== 0 && this.#styled) {
      this.#become(background);
      this.#text += `\u001b[${count}X`;
    }
    if (column + count < this.#cols) this.#text += `\u001b[${count}C`;
    return count;
  }

  #become(attributes: Attributes): void {
    if (!this.#styled || sameRendition(attributes, this.#current)) return;
    // A cell is reused for the next one: what it says now has to be remembered.
    const { fg, bg, extended } = attributes;
    const { underlineStyle, underlineColor } = extended;
    this.#current = { fg, bg, extended: { underlineStyle, underlineColor } };
    this.#text += sameRendition(this.#current, PLAIN) ? PLAIN_RENDITION : rendition(this.#current);
  }
}

/** No character and nothing but a background. The second half of a wide character is none: its first half comes with it. */
const isBlank = (cell: IBufferCell): boolean =>
  cell.getChars() === "" && cell.getWidth() === 1 && !showsWithoutCharacter(attributesOf(cell));
