import { CHECKPOINT_BYTES, type TerminalSize } from "@slipway/protocol";
import type { IBuffer, Terminal } from "@xterm/headless";
import { charsetFinal } from "./charsets.ts";
import { type Core, type CoreBuffer, GROUND, SEQUENCE_OPENERS, STRING_OPENERS } from "./core.ts";
import { PLAIN_RENDITION, rendition } from "./rendition.ts";
import { RowWriter } from "./rows.ts";

/** Largest picture: a checkpoint is one and some plain text after it. */
export const PICTURE_BYTES = CHECKPOINT_BYTES - 1024 * 1024;
/** Lines above the screen and styles that are tried, until a picture is small enough. */
const ATTEMPTS: readonly { readonly lines: number; readonly styled: boolean }[] = [
  { lines: Number.POSITIVE_INFINITY, styled: true },
  { lines: 500, styled: true },
  { lines: 0, styled: true },
  { lines: 0, styled: false },
];

/** The screen of a terminal as text and sequences that give an empty terminal of `size` the same state. */
export interface Picture {
  readonly size: TerminalSize;
  readonly data: Uint8Array;
}

/**
 * Takes a picture: lines above the screen, screen, the other screen where it is shown, cursor and saved cursor, rendition,
 * tab stops, scroll region, character sets and modes. Not: title, colours of the palette, links, and the protection of what a
 * program saved. A picture that would be too large has fewer lines, then no styles.
 */
export function takePicture(terminal: Terminal, core: Core): Picture {
  const size = { rows: terminal.rows, cols: terminal.cols };
  for (const { lines, styled } of ATTEMPTS) {
    const text = paint(terminal, core, lines, styled);
    if (text === null) continue;
    const data = new TextEncoder().encode(text);
    if (data.byteLength <= PICTURE_BYTES) return { size, data };
  }
  return { size, data: new Uint8Array() };
}

function paint(terminal: Terminal, core: Core, lines: number, styled: boolean): string | null {
  const alternate = core.buffers.active === core.buffers.alt;
  const main = paintMain(terminal, lines, styled);
  if (main === null) return null;
  const parts = [main, bufferState(terminal, core.buffers.normal)];
  const other = savedCursor(core.buffers.alt);
  if (!alternate && other !== "") parts.push(`\u001b[?47h${other}\u001b[?47l`);
  if (alternate) {
    parts.push("\u001b[?47h", paintAlternate(terminal, styled), bufferState(terminal, core.buffers.alt));
  }
  const position = cursor(terminal, core, styled);
  parts.push(position, charsets(core));
  // A set that is in use and designated nowhere came back with a saved cursor.
  const { charset, glevel, _charsets } = core._charsetService;
  if (charset !== _charsets[glevel]) parts.push("\u001b8", position);
  parts.push(modes(terminal, core));
  parts.push(rendition(core._inputHandler._curAttrData));
  const state = core._inputHandler._parser.currentState;
  if (state !== GROUND) parts.push(STRING_OPENERS[state] ?? SEQUENCE_OPENERS[state] ?? "");
  return parts.join("");
}

/** Lines above the screen and the screen, in one run. Null when it is too large. */
function paintMain(terminal: Terminal, lines: number, styled: boolean): string | null {
  const buffer = terminal.buffer.normal;
  const writer = new RowWriter(buffer, terminal.cols, styled);
  const first = Math.max(0, buffer.baseY - lines);
  const parts: string[] = [];
  let length = 0;
  for (let row = first; row < buffer.length; row++) {
    const text =
      writer.row(row) + (row + 1 < buffer.length ? lineEnd(writer, buffer, row, terminal.cols) : "");
    length += text.length;
    if (length > PICTURE_BYTES) return null;
    parts.push(text);
  }
  return parts.join("");
}

/** From the end of `row` to the first cell of the next one. Where text ran on, it is made to run on again. */
function lineEnd(writer: RowWriter, buffer: IBuffer, row: number, cols: number): string {
  if (buffer.getLine(row + 1)?.isWrapped !== true) return "\r\n";
  // One character more than fits makes the terminal go on in the next row; then it goes, and so does what only filled the row.
  const overflow = "-\r\u001b[X";
  const blanks = writer.trailingBlanks(row);
  if (blanks === 0) return overflow;
  const toBlanks = blanks < cols ? `\r\u001b[${cols - blanks}C` : "\r";
  const filled = `${toBlanks}${"-".repeat(blanks)}${overflow}`;
  return `${filled}\u001b[A${toBlanks}\u001b[${blanks}X\r${writer.row(row)}\u001b[B\r`;
}

function paintAlternate(terminal: Terminal, styled: boolean): string {
  const buffer = terminal.buffer.alternate;
  const writer = new RowWriter(buffer, terminal.cols, styled);
  let text = PLAIN_RENDITION;
  for (let row = 0; row < terminal.rows; row++) {
    const painted = writer.row(row);
    if (painted !== "") text += `\u001b[${row + 1};1H${painted}`;
  }
  return text;
}

const goTo = (row: number, column: number): string => `\u001b[${row + 1};${column + 1}H`;

/** What each of the two screens has of its own: tab stops, saved cursor, scroll region. Leaves the cursor anywhere. */
function bufferState(terminal: Terminal, buffer: CoreBuffer): string {
  const { rows, cols } = terminal;
  const parts: string[] = [];
  const stops = Array.from({ length: cols }, (_, column) => column).filter((column) => buffer.tabs[column]);
  const usual = stops.every((column) => column % 8 === 0) && stops.length === Math.ceil(cols / 8);
  if (!usual) parts.push("\u001b[3g", ...stops.map((column) => `${goTo(0, column)}\u001bH`));
  parts.push(savedCursor(buffer));
  if (buffer.scrollTop !== 0 || buffer.scrollBottom !== rows - 1) {
    parts.push(`\u001b[${buffer.scrollTop + 1};${buffer.scrollBottom + 1}r`);
  }
  return parts.join("");
}

/** What a program that restores the cursor gets (DECSC, DECRC). */
function savedCursor({ savedX, savedY, ybase, savedCurAttrData: saved, savedCharset }: CoreBuffer): string {
  const row = Math.max(0, savedY - ybase);
  const set = charsetFinal(savedCharset);
  if (row === 0 && savedX === 0 && saved.fg === 0 && saved.bg === 0 && set === "B") return "";
  return `${goTo(row, savedX)}${rendition(saved)}\u001b(${set}\u001b7\u001b(B${PLAIN_RENDITION}`;
}

/** The cursor where it is; beyond the last column it gets only by writing into that. */
function cursor(terminal: Terminal, core: Core, styled: boolean): string {
  const { x, y, ybase, scrollTop } = core.buffers.active;
  const { originMode } = terminal.modes;
  const row = originMode ? y - scrollTop : y;
  const origin = originMode ? "\u001b[?6h" : "";
  if (x < terminal.cols) return origin + goTo(row, x);
  const writer = new RowWriter(terminal.buffer.active, terminal.cols, styled);
  const last = terminal.buffer.active.getLine(ybase + y)?.getCell(terminal.cols - 1);
  const column = last?.getWidth() === 0 ? terminal.cols - 2 : terminal.cols - 1;
  return origin + goTo(row, column) + writer.cell(ybase + y, column);
}

function charsets({ _charsetService: { glevel, _charsets } }: Core): string {
  const designators = ["(", ")", "*", "+"];
  let text = "";
  for (const [level, designator] of designators.entries()) {
    const set = charsetFinal(_charsets[level]);
    if (set !== "B") text += `\u001b${designator}${set}`;
  }
  return text + (["", "\u000e", "\u001bn", "\u001bo"][glevel] ?? "");
}

const MOUSE = { none: "", x10: "9", vt200: "1000", drag: "1002", any: "1003" } as const;
const CURSOR = { block: 1, underline: 3, bar: 5 } as const;

function modes({ modes: mode }: Terminal, core: Core): string {
  const { cursorStyle, cursorBlink, synchronizedOutput } = core.coreService.decPrivateModes;
  const set = (wanted: boolean, sequence: string): string => (wanted ? `\u001b[${sequence}` : "");
  return [
    set(mode.applicationCursorKeysMode, "?1h"),
    set(mode.applicationKeypadMode, "?66h"),
    set(mode.bracketedPasteMode, "?2004h"),
    set(mode.insertMode, "4h"),
    set(mode.reverseWraparoundMode, "?45h"),
    set(mode.sendFocusMode, "?1004h"),
    set(!mode.wraparoundMode, "?7l"),
    set(mode.mouseTrackingMode !== "none", `?${MOUSE[mode.mouseTrackingMode]}h`),
    set(core.coreMouseService.activeEncoding === "SGR", "?1006h"),
    set(core.coreMouseService.activeEncoding === "SGR_PIXELS", "?1016h"),
    set(core.coreService.isCursorHidden, "?25l"),
    set(core.optionsService.rawOptions.cursorBlink, "?12h"),
    set(cursorStyle !== undefined, `${CURSOR[cursorStyle ?? "block"] + (cursorBlink ? 0 : 1)} q`),
    set(synchronizedOutput, "?2026h"),
  ].join("");
}
