import type { TerminalSize } from "@slipway/protocol";
import type { FitAddon } from "@xterm/addon-fit";
import type { Terminal } from "@xterm/xterm";

/** Smallest letters that still show what somebody does; what is larger then is cut off. */
const SMALLEST_FONT_PX = 4;

/** Pixels of letters with which a terminal of `size` fits where one of `room` would with `fontPx`. */
export function fittingFontPx(size: TerminalSize, room: TerminalSize, fontPx: number): number {
  const scale = Math.min(1, room.cols / size.cols, room.rows / size.rows);
  return Math.max(SMALLEST_FONT_PX, Math.floor(fontPx * scale * 2) / 2);
}

/**
 * How a terminal uses its place in the page. Who leads has the terminal in the size of the place; all others have it in the
 * size of who leads, in smaller letters where that is more than fits.
 */
export class Room {
  readonly #terminal: Terminal;
  readonly #fitter: FitAddon;
  #fontPx: number;
  readonly #parent: HTMLElement;
  #room: TerminalSize | null = null;

  constructor(terminal: Terminal, fitter: FitAddon, parent: HTMLElement) {
    this.#terminal = terminal;
    this.#fitter = fitter;
    this.#parent = parent;
    this.#fontPx = terminal.options.fontSize ?? 13;
    this.#tell();
  }

  /** Rows and columns that the place has in letters of the usual size; the last ones while it cannot be seen. */
  measure(): TerminalSize | null {
    if (this.#parent.offsetParent === null) return this.#room;
    const { fontSize } = this.#terminal.options;
    this.#terminal.options.fontSize = this.#fontPx;
    const proposed = this.#fitter.proposeDimensions();
    this.#terminal.options.fontSize = fontSize ?? this.#fontPx;
    const usable = proposed && Number.isFinite(proposed.rows) && Number.isFinite(proposed.cols);
    if (usable) this.#room = { rows: Math.min(1000, proposed.rows), cols: Math.min(1000, proposed.cols) };
    return this.#room;
  }

  /** The usual size of letters is another one now; `measure` and `show` go by it. */
  useFont(fontPx: number): void {
    this.#fontPx = fontPx;
  }

  /** The terminal has this size now. */
  show(size: TerminalSize): void {
    const fontSize = this.#room === null ? this.#fontPx : fittingFontPx(size, this.#room, this.#fontPx);
    if (this.#terminal.options.fontSize !== fontSize) this.#terminal.options.fontSize = fontSize;
    if (size.rows !== this.#terminal.rows || size.cols !== this.#terminal.cols) {
      this.#terminal.resize(size.cols, size.rows);
    }
    this.#tell();
  }

  /** For those who don't see the letters, and for tests. */
  #tell(): void {
    const { rows, cols } = this.#terminal;
    this.#parent.setAttribute("aria-label", `${cols} × ${rows}`);
  }
}
