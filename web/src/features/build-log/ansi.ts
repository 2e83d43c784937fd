/*
 * Colours of a terminal (ECMA-48 section 8.3.117, SGR) as classes of the page. All other sequences, and control characters, are
 * left out: a log is text, and what it says is never markup. Colours of 256 and of RGB become the nearest of the page's own, so
 * that every line can be read in light and in dark.
 */

export interface AnsiStyle {
  readonly ink: string;
  readonly ground: string;
  readonly bold: boolean;
  readonly faint: boolean;
  readonly italic: boolean;
  readonly underline: boolean;
  readonly struck: boolean;
}

export const PLAIN: AnsiStyle = {
  ink: "",
  ground: "",
  bold: false,
  faint: false,
  italic: false,
  underline: false,
  struck: false,
};

/** A stretch of text in one style. */
export interface Span {
  readonly text: string;
  readonly className: string;
}

// The patterns are built from strings, so that no control character stands in the source.
const ESCAPE = "\\u001b";
const BELL = "\\u0007";
const SEQUENCE = `${ESCAPE}(?:\\[([0-?]*)([ -/]*[@-~])|\\][^${BELL}${ESCAPE}]*(?:${BELL}|${ESCAPE}\\\\)?|[ -/]*[0-Z\\\\^-~]|$)`;
const CONTROLS = /[^\P{Cc}\t]/gu;
const MARK = "\u001b";

const INKS = [
  "text-ink-faint",
  "text-bad",
  "text-good",
  "text-warn",
  "text-sea",
  "text-lead",
  "text-sea",
  "text-ink",
];
const GROUNDS = [
  "bg-hover",
  "bg-bad-soft",
  "bg-hover",
  "bg-warn-soft",
  "bg-sea-soft",
  "bg-lead-soft",
  "bg-sea-soft",
  "bg-hover",
];

/** Most parameters of one sequence that are looked at. */
const MAX_PARAMETERS = 32;

/** The text without sequences and control characters, but for tabs. */
export function plainRow(row: string): string {
  const text = row.includes(MARK) ? row.replace(new RegExp(SEQUENCE, "g"), "") : row;
  return text.replace(CONTROLS, "");
}

/** A row in its styles, and the style that the next row begins with. */
export function styledRow(row: string, start: AnsiStyle): { spans: Span[]; end: AnsiStyle } {
  if (!row.includes(MARK)) return { spans: spansOf(row, start), end: start };
  const spans: Span[] = [];
  let style = start;
  let from = 0;
  for (const match of row.matchAll(new RegExp(SEQUENCE, "g"))) {
    spans.push(...spansOf(row.slice(from, match.index), style));
    from = match.index + match[0].length;
    if (match[2] === "m") style = styleAfter(style, match[1] ?? "");
  }
  spans.push(...spansOf(row.slice(from), style));
  return { spans, end: style };
}

function spansOf(text: string, style: AnsiStyle): Span[] {
  const shown = text.replace(CONTROLS, "");
  return shown === "" ? [] : [{ text: shown, className: classNameOf(style) }];
}

function classNameOf(style: AnsiStyle): string {
  const faint = style.faint && style.ink === "" ? "text-ink-faint" : style.ink;
  return [
    faint,
    style.ground,
    style.bold && "font-bold",
    style.italic && "italic",
    style.underline && "underline",
    style.struck && "line-through",
  ]
    .filter(Boolean)
    .join(" ");
}

function styleAfter(style: AnsiStyle, text: string): AnsiStyle {
  // Colons part what belongs to one colour; where one is meant, the effect is that of semicolons.
  const numbers = text.split(/[;:]/).slice(0, MAX_PARAMETERS).map(Number);
  let now = style;
  for (let at = 0; at < numbers.length; at += 1) {
    const number = numbers[at] ?? 0;
    if (number === 38 || number === 48) {
      const [colour, used] = extendedColour(numbers.slice(at + 1));
      if (colour !== null)
        now = number === 38 ? { ...now, ink: INKS[colour] ?? "" } : { ...now, ground: GROUNDS[colour] ?? "" };
      at += used;
    } else now = styleWith(now, number);
  }
  return now;
}

function styleWith(style: AnsiStyle, number: number): AnsiStyle {
  if (number >= 30 && number <= 37) return { ...style, ink: INKS[number - 30] ?? "" };
  if (number >= 90 && number <= 97) return { ...style, ink: INKS[number - 90] ?? "" };
  if (number >= 40 && number <= 47) return { ...style, ground: GROUNDS[number - 40] ?? "" };
  if (number >= 100 && number <= 107) return { ...style, ground: GROUNDS[number - 100] ?? "" };
  const change = SWITCHES.get(number);
  return change === undefined ? style : change(style);
}

const SWITCHES: ReadonlyMap<number, (style: AnsiStyle) => AnsiStyle> = new Map<
  number,
  (style: AnsiStyle) => AnsiStyle
>([
  [0, () => PLAIN],
  [1, (style) => ({ ...style, bold: true })],
  [2, (style) => ({ ...style, faint: true })],
  [3, (style) => ({ ...style, italic: true })],
  [4, (style) => ({ ...style, underline: true })],
  [7, (style) => ({ ...style, ground: "bg-hover" })],
  [9, (style) => ({ ...style, struck: true })],
  [22, (style) => ({ ...style, bold: false, faint: false })],
  [23, (style) => ({ ...style, italic: false })],
  [24, (style) => ({ ...style, underline: false })],
  [27, (style) => ({ ...style, ground: "" })],
  [29, (style) => ({ ...style, struck: false })],
  [39, (style) => ({ ...style, ink: "" })],
  [49, (style) => ({ ...style, ground: "" })],
]);

/** The nearest of the eight, and how many parameters said so. */
function extendedColour([kind, ...rest]: readonly number[]): [number | null, number] {
  if (kind === 5) return [ofPalette(rest[0] ?? 0), 2];
  if (kind === 2) return [nearest(rest[0] ?? 0, rest[1] ?? 0, rest[2] ?? 0), 4];
  return [null, 0];
}

function ofPalette(number: number): number {
  if (number < 16) return number % 8;
  if (number >= 232) return number < 244 ? 0 : 7;
  const cube = number - 16;
  const level = (part: number) => Math.round((part / 5) * 255);
  return nearest(level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6));
}

/** By which of red, green and blue stand out; grey where none does. */
function nearest(red: number, green: number, blue: number): number {
  const high = Math.max(red, green, blue);
  const low = Math.min(red, green, blue);
  if (high - low < 48) return high < 140 ? 0 : 7;
  const middle = (high + low) / 2;
  return (red > middle ? 1 : 0) + (green > middle ? 2 : 0) + (blue > middle ? 4 : 0);
}
