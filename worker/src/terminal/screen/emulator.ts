import { type TerminalSize, WholeCharacters } from "@slipway/protocol";
import xterm from "@xterm/headless";
import { type Core, coreOf, GROUND, STRING_OPENERS } from "./core.ts";
import { type Picture, takePicture } from "./picture.ts";

/** Lines above the screen that a checkpoint has. */
export const CHECKPOINT_LINES = 2_000;
/** Cells that an emulator holds at most above its screen, 12 bytes each: wide terminals have fewer lines. */
const SCROLLBACK_CELLS = 400_000;
/** Bytes that are looked through for a place at which nothing is half done. */
const SEARCH_BYTES = 512;
/** Bytes that are parsed without a break. */
export const SLICE_BYTES = 64 * 1024;

const scrollbackOf = (cols: number): number =>
  Math.min(CHECKPOINT_LINES, Math.floor(SCROLLBACK_CELLS / cols));

/** Sequences that mean nothing for a picture and may hold what a stranger likes, megabytes of it. */
const IGNORED_OSC = [0, 1, 2, 4, 8, 10, 11, 12, 52, 104, 110, 111, 112];

/**
 * A terminal without a display: what a browser's screen would show after the same bytes. It answers nothing, so that no reply
 * of it is ever taken for typing.
 */
export class Emulator {
  readonly #terminal: xterm.Terminal;
  readonly #core: Core;
  readonly #characters = new WholeCharacters();

  constructor({ rows, cols }: TerminalSize) {
    this.#terminal = new xterm.Terminal({
      rows,
      cols,
      scrollback: scrollbackOf(cols),
      allowProposedApi: true,
      logLevel: "off",
    });
    for (const ident of IGNORED_OSC) this.#terminal.parser.registerOscHandler(ident, () => true);
    this.#core = coreOf(this.#terminal);
  }

  get size(): TerminalSize {
    return { rows: this.#terminal.rows, cols: this.#terminal.cols };
  }

  resize({ rows, cols }: TerminalSize): void {
    if (rows === this.#terminal.rows && cols === this.#terminal.cols) return;
    // In this order, so that the lines that are too many are the oldest ones.
    this.#terminal.resize(cols, rows);
    this.#terminal.options.scrollback = scrollbackOf(cols);
  }

  write(data: Uint8Array): void {
    const whole = this.#characters.push(data);
    if (whole.byteLength === 0) return;
    this.#core.writeSync(whole);
    this.#cutEndless();
  }

  /**
   * Writes `data`, but of its last bytes no more than up to a place where neither a character nor a sequence is half done,
   * if there is one. Answers how many bytes were written.
   */
  writeToRest(data: Uint8Array): number {
    const searched = Math.min(SEARCH_BYTES, data.byteLength);
    let written = data.byteLength - searched;
    this.write(data.subarray(0, written));
    while (written < data.byteLength && !this.atRest) {
      this.write(data.subarray(written, written + 1));
      written += 1;
    }
    return written;
  }

  /** Nothing is half done: what comes next means the same to an emulator that begins with a picture of this one. */
  get atRest(): boolean {
    const { currentState, precedingJoinState } = this.#core._inputHandler._parser;
    return currentState === GROUND && precedingJoinState === 0 && this.#characters.held === 0;
  }

  /** Whether lines of plain text would do nothing but scroll everything else away. */
  get scrollsFreely(): boolean {
    const buffer = this.#core.buffers.active;
    const { reverseWraparound } = this.#core.coreService.decPrivateModes;
    const whole = buffer.scrollTop === 0 && buffer.scrollBottom === this.#terminal.rows - 1;
    return whole && !reverseWraparound && this.atRest;
  }

  picture(): Picture {
    return takePicture(this.#terminal, this.#core);
  }

  dispose(): void {
    this.#terminal.dispose();
  }

  /** A string sequence that does not end within a slice is nothing that a picture needs: what was kept of it goes. */
  #cutEndless(): void {
    const opener = STRING_OPENERS[this.#core._inputHandler._parser.currentState];
    if (opener !== undefined) this.#core.writeSync(Buffer.from(`\u0018${opener}`));
  }
}
