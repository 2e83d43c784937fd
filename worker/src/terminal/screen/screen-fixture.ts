import { type TerminalSize, WholeCharacters } from "@slipway/protocol";
import xterm from "@xterm/headless";
import { type Attributes, type Core, type CoreBuffer, coreOf } from "./core.ts";
import { backgroundOf, showsWithoutCharacter } from "./rendition.ts";

/*
 * For tests of checkpoints: what a viewer's screen shows, read from the emulator that browsers have, and output of programs
 * that nobody would write.
 */

/** A viewer's screen, with as many lines above it as the page has. */
export class ViewerScreen {
  readonly terminal: xterm.Terminal;
  readonly core: Core;
  readonly replies: string[] = [];
  readonly #characters = new WholeCharacters();

  constructor({ rows, cols }: TerminalSize) {
    this.terminal = new xterm.Terminal({
      rows,
      cols,
      scrollback: 10_000,
      allowProposedApi: true,
      logLevel: "off",
    });
    this.core = coreOf(this.terminal);
    this.terminal.onData((data) => this.replies.push(data));
  }

  write(data: Uint8Array | string): this {
    const whole = this.#characters.push(typeof data === "string" ? Buffer.from(data) : data);
    if (whole.byteLength > 0) this.core.writeSync(whole);
    return this;
  }

  resize({ rows, cols }: TerminalSize): this {
    this.terminal.resize(cols, rows);
    return this;
  }

  /** All that can be seen or that decides how the next bytes are taken; `lines` of what is above the screen. */
  state(lines = Number.POSITIVE_INFINITY): Record<string, unknown> {
    const { terminal, core } = this;
    const { active, normal } = core.buffers;
    const alternate = active !== normal;
    const first = Math.max(0, terminal.buffer.normal.baseY - lines);
    const { glevel, _charsets } = core._charsetService;
    const { cursorStyle, cursorBlink, reverseWraparound, synchronizedOutput } =
      core.coreService.decPrivateModes;
    return {
      size: [terminal.rows, terminal.cols],
      screen: rowsOf(terminal.buffer.normal, first, terminal.cols),
      ...(alternate ? { alternate: rowsOf(terminal.buffer.alternate, 0, terminal.cols, false) } : {}),
      cursor: [active.x, active.y],
      rendition: describe(core._inputHandler._curAttrData),
      buffers: (alternate ? [normal, active] : [normal]).map((buffer) => ownState(buffer, terminal.cols)),
      charsets: { glevel, sets: [0, 1, 2, 3].map((level) => charsetName(_charsets[level])) },
      modes: { ...terminal.modes, cursorStyle, cursorBlink, reverseWraparound, synchronizedOutput },
      hidden: core.coreService.isCursorHidden,
      mouse: core.coreMouseService.activeEncoding,
    };
  }
}

/** Character sets are objects without a name; what one makes of `q` and `#` and `[` tells them apart. */
function charsetName(set: object | undefined): string {
  return set === undefined ? "B" : ["q", "#", "["].map((letter) => String(Reflect.get(set, letter))).join();
}

function ownState(buffer: CoreBuffer, cols: number): unknown {
  const { scrollTop, scrollBottom, savedX, savedY, ybase, savedCurAttrData, tabs } = buffer;
  return {
    region: [scrollTop, scrollBottom],
    saved: [Math.min(savedX, cols - 1), Math.max(0, savedY - ybase)],
    savedCharset: charsetName(buffer.savedCharset),
    savedRendition: [settled(savedCurAttrData.fg), settled(savedCurAttrData.bg) & ~0x10000000],
    tabs: Object.keys(tabs)
      .map(Number)
      .filter((column) => tabs[column] && column < cols),
  };
}

function rowsOf(buffer: xterm.IBuffer, first: number, cols: number, wraps = true): string[] {
  const rows: string[] = [];
  for (let index = first; index < buffer.length; index++) {
    const line = buffer.getLine(index);
    let text = wraps && line?.isWrapped === true && index > first ? "…" : "";
    let last = "";
    for (let column = 0; column < cols; column++) {
      const cell = line?.getCell(column);
      if (cell === undefined) break;
      const attributes = cell as unknown as Attributes;
      const blank = cell.getChars() === "" && !showsWithoutCharacter(attributes);
      const style = describe(blank ? backgroundOf(attributes) : attributes);
      if (style !== last) text += `{${style}}`;
      last = style;
      text += cell.getWidth() === 0 ? "" : cell.getChars() || " ";
    }
    rows.push(text);
  }
  return rows;
}

function describe(attributes: Attributes): string {
  const { fg, bg, extended } = attributes;
  if (fg === 0 && (bg & ~0x10000000) === 0) return "";
  const underlined = (fg & 0x10000000) !== 0 && (bg & 0x10000000) !== 0;
  const underline = underlined ? `${Math.max(1, extended.underlineStyle)}/${extended.underlineColor}` : "";
  return `${(settled(fg) >>> 0).toString(16)} ${((settled(bg) & ~0x10000000) >>> 0).toString(16)} ${underline}`;
}

/** Bits of an earlier colour that mean nothing for the present kind of colour go. */
function settled(value: number): number {
  const kind = value & 0x3000000;
  if (kind === 0x3000000) return value;
  return value & (kind === 0 ? ~0xffffff : ~0xffff00);
}

/** A generator of the same numbers for the same seed (mulberry32). */
export function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const TEXTS = [
  "ls -la",
  "가나다라",
  "日本語テキスト",
  "👩‍💻 emoji 🎉",
  "e\u0301a\u0308",
  "x",
  "~~~",
  "qqlkjm",
  "   ",
];
const MODES = [
  "?1",
  "?66",
  "?2004",
  "4",
  "?6",
  "?45",
  "?1004",
  "?7",
  "?9",
  "?1000",
  "?1002",
  "?1003",
  "?1006",
  "?1016",
  "?25",
  "?12",
];

/** `count` pieces of text and sequences as no program would put them together, the same for the same seed. */
export function randomOutput(seed: number, count: number, { rows, cols }: TerminalSize): Buffer {
  const below = seeded(seed);
  const row = () => 1 + below(rows);
  const column = () => 1 + below(cols);
  const colour = () =>
    [
      `${30 + below(8)}`,
      `${40 + below(8)}`,
      `${90 + below(8)}`,
      `38;5;${below(256)}`,
      `48;5;${below(256)}`,
      `38;2;${below(256)};9;200`,
      `48;2;7;${below(256)};1`,
    ][below(7)];
  const flag = () =>
    ["0", "1", "2", "3", "4", "4:3", "5", "7", "8", "9", "53", "22", "24", "27", "39", "49"][below(16)];
  const pieces: (() => string)[] = [
    () => TEXTS[below(TEXTS.length)] ?? "",
    () => TEXTS[below(TEXTS.length)] ?? "",
    () => "long line that wraps ".repeat(1 + below(8)),
    () => "\r\n",
    () => "\r\n".repeat(1 + below(4)),
    () => "\t",
    () => "\b",
    () => "\r",
    () => `\u001b[${row()};${column()}H`,
    () => `\u001b[${row()}${"ABCDEFGLMPSTX@d`"[below(16)]}`,
    () => `\u001b[${below(3)}${"JK"[below(2)]}`,
    () => `\u001b[${colour()}m`,
    () => `\u001b[${flag()}m`,
    () => `\u001b[${flag()};${colour()}m`,
    () => `\u001b[${MODES[below(MODES.length)]}${"hl"[below(2)]}`,
    () => `\u001b[?${["47", "1047", "1049", "1048"][below(4)]}${"hl"[below(2)]}`,
    () => `\u001b[${row()};${row()}r`,
    () => "\u001b7",
    () => "\u001b8",
    () => `\u001b${"DEMH"[below(4)]}`,
    () => `\u001b[${["0", "3"][below(2)]}g`,
    () => `\u001b[${below(7)} q`,
    () => `\u001b${"()*+"[below(4)]}${"0BAKY"[below(5)]}`,
    () => ["\u000e", "\u000f", "\u001bn", "\u001bo"][below(4)] ?? "",
    () => `\u001b]0;title ${below(99)}\u0007`,
    () => `\u001b[${1 + below(3)}b`,
    () => `\u001b[${below(2)}"q`,
    () => "\u001b[!p",
    () => "\u001bP$qm\u001b\\",
  ];
  let text = "";
  for (let number = 0; number < count; number++) text += pieces[below(pieces.length)]?.() ?? "";
  return Buffer.from(text);
}
