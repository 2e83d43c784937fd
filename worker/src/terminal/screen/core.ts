import type { Terminal } from "@xterm/headless";

/*
 * What a picture needs and the public interface of xterm.js does not tell: names of its version 6.0.0, which is pinned. The
 * tests of pictures compare hundreds of screens and fail when one of them has changed.
 */

/** Attributes of a cell: `fg` and `bg` are bit fields (xterm.js, common/buffer/Constants.ts). */
export interface Attributes {
  readonly fg: number;
  readonly bg: number;
  readonly extended: { readonly underlineStyle: number; readonly underlineColor: number };
}

export interface CoreBuffer {
  readonly x: number;
  readonly y: number;
  readonly ybase: number;
  readonly scrollTop: number;
  readonly scrollBottom: number;
  readonly savedX: number;
  readonly savedY: number;
  readonly savedCurAttrData: Attributes;
  readonly savedCharset: object | undefined;
  readonly tabs: Readonly<Record<number, boolean | undefined>>;
}

export interface Core {
  writeSync(data: Uint8Array): void;
  readonly buffers: { readonly active: CoreBuffer; readonly normal: CoreBuffer; readonly alt: CoreBuffer };
  readonly coreService: {
    readonly isCursorHidden: boolean;
    readonly decPrivateModes: {
      readonly cursorStyle: "block" | "underline" | "bar" | undefined;
      readonly cursorBlink: boolean | undefined;
      readonly reverseWraparound: boolean;
      readonly synchronizedOutput: boolean;
    };
  };
  readonly coreMouseService: { readonly activeEncoding: string };
  readonly _charsetService: {
    readonly glevel: number;
    readonly charset: object | undefined;
    readonly _charsets: readonly (object | undefined)[];
  };
  readonly optionsService: { readonly rawOptions: { readonly cursorBlink: boolean } };
  readonly _inputHandler: {
    readonly _curAttrData: Attributes;
    readonly _parser: { readonly currentState: number; readonly precedingJoinState: number };
  };
}

export const coreOf = (terminal: Terminal): Core => Reflect.get(terminal, "_core") as Core;

/** States of the parser (common/parser/Constants.ts). */
export const GROUND = 0;

/** What leads into the states that swallow a string: a privacy message, a command and a control of numbers that nobody has. */
export const STRING_OPENERS: Readonly<Record<number, string>> = {
  7: "\u001b^",
  8: "\u001b]99999;",
  11: "\u001bP~",
  13: "\u001bP~",
};

/** What leads into the states inside of a sequence; its end is then ignored. */
export const SEQUENCE_OPENERS: Readonly<Record<number, string>> = {
  1: "\u001b ",
  2: "\u001b ",
  3: "\u001b[0?",
  4: "\u001b[0?",
  5: "\u001b[0?",
  6: "\u001b[0?",
  9: "\u001bP~",
  10: "\u001bP~",
  12: "\u001bP~",
};
