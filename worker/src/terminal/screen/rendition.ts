import type { Attributes } from "./core.ts";

/* Attributes of cells as the sequences that set them. Bit fields as in xterm.js, common/buffer/Constants.ts. */

const COLOUR_MODE = 0x3000000;
const PALETTE_16 = 0x1000000;
const PALETTE_256 = 0x2000000;
const RGB = 0x3000000;
const UNDERLINE = 0x10000000;
const HAS_EXTENDED = 0x10000000;
const PROTECTED = 0x20000000;

/** Select Graphic Rendition (ECMA-48, 8.3.117) by flag of `fg`, and by flag of `bg`. */
const FG_FLAGS: readonly (readonly [number, string])[] = [
  [0x8000000, "1"],
  [0x20000000, "5"],
  [0x4000000, "7"],
  [0x40000000, "8"],
  [0x80000000, "9"],
];
const BG_FLAGS: readonly (readonly [number, string])[] = [
  [0x8000000, "2"],
  [0x4000000, "3"],
  [0x40000000, "53"],
];
/** Flags that make a cell without a character visible. */
const VISIBLE_FG_FLAGS = 0x4000000 | UNDERLINE | 0x80000000;
const VISIBLE_BG_FLAGS = 0x40000000;

function colour(value: number, base: 30 | 40, extended: 38 | 48): string[] {
  switch (value & COLOUR_MODE) {
    case PALETTE_16: {
      const index = value & 0xff;
      return [`${index < 8 ? base + index : base + 60 + (index - 8)}`];
    }
    case PALETTE_256:
      return [`${extended};5;${value & 0xff}`];
    case RGB:
      return [`${extended};2;${(value >>> 16) & 0xff};${(value >>> 8) & 0xff};${value & 0xff}`];
    default:
      return [];
  }
}

function underline({ fg, bg, extended }: Attributes): string[] {
  const underlined = (fg & UNDERLINE) !== 0;
  if ((bg & HAS_EXTENDED) === 0) return underlined ? ["4"] : [];
  const curly = extended.underlineStyle > 1 ? [`4:${extended.underlineStyle}`] : ["4"];
  const style = underlined ? curly : [];
  const value = extended.underlineColor;
  switch (value === -1 ? 0 : value & COLOUR_MODE) {
    case PALETTE_16:
    case PALETTE_256:
      return [...style, `58:5:${value & 0xff}`];
    case RGB:
      return [...style, `58:2::${(value >>> 16) & 0xff}:${(value >>> 8) & 0xff}:${value & 0xff}`];
    default:
      return style;
  }
}

/** The sequences that make `attributes` current, whatever was before. */
export function rendition(attributes: Attributes): string {
  const { fg, bg } = attributes;
  const codes = ["0"];
  for (const [flag, code] of FG_FLAGS) if ((fg & flag) !== 0) codes.push(code);
  for (const [flag, code] of BG_FLAGS) if ((bg & flag) !== 0) codes.push(code);
  codes.push(...underline(attributes), ...colour(fg, 30, 38), ...colour(bg, 40, 48));
  const protection = (bg & PROTECTED) !== 0 ? '\u001b[1"q' : '\u001b[0"q';
  return `\u001b[${codes.join(";")}m${protection}`;
}

/** Whether two cells look the same. */
export const sameRendition = (one: Attributes, other: Attributes): boolean =>
  one.fg === other.fg &&
  one.bg === other.bg &&
  ((one.bg & HAS_EXTENDED) === 0 ||
    (one.extended.underlineStyle === other.extended.underlineStyle &&
      one.extended.underlineColor === other.extended.underlineColor));

export const PLAIN: Attributes = { fg: 0, bg: 0, extended: { underlineStyle: 0, underlineColor: -1 } };
export const PLAIN_RENDITION = '\u001b[0m\u001b[0"q';

/** Whether a cell without a character shows something else than its background. */
export const showsWithoutCharacter = ({ fg, bg }: Attributes): boolean =>
  (fg & VISIBLE_FG_FLAGS) !== 0 || (bg & VISIBLE_BG_FLAGS) !== 0;

/** Attributes of an erased cell: nothing but its background. */
export const backgroundOf = ({ bg }: Attributes): Attributes => ({ ...PLAIN, bg: bg & 0x3ffffff });
