/** What a step printed, as it arrived. Never changed: more text makes a new one that has the pieces of the old one. */
export interface Output {
  /** In their order; each but the last has PIECE_CHARACTERS or more. */
  readonly pieces: readonly string[];
  readonly characters: number;
  /** True when there was more than the page keeps. */
  readonly cut: boolean;
  /** The same for all outputs of one step: what is worked out of them is remembered under it. */
  readonly key: object;
}

const PIECE_CHARACTERS = 65_536;
/** Output of one step that the page keeps; a worker keeps less of a whole build (BUILD_LOG_BYTES). */
export const OUTPUT_CHARACTERS = 16 * 1024 * 1024;

export const noOutput = (): Output => ({ pieces: [], characters: 0, cut: false, key: {} });

/** The output with more text at its end. */
export function withText(output: Output, text: string): Output {
  const room = OUTPUT_CHARACTERS - output.characters;
  const taken = text.slice(0, room);
  const cut = output.cut || taken.length < text.length;
  if (taken === "") return cut === output.cut ? output : { ...output, cut };
  const last = output.pieces.at(-1);
  const pieces =
    last !== undefined && last.length < PIECE_CHARACTERS
      ? [...output.pieces.slice(0, -1), last + taken]
      : [...output.pieces, taken];
  return { ...output, pieces, characters: output.characters + taken.length, cut };
}

/** All of it. */
export const textOf = (output: Output): string => output.pieces.join("");

/** Its last characters, no more than one piece has. */
export function tailOf({ pieces }: Output, characters: number): string {
  return pieces.slice(-2).join("").slice(-characters);
}
