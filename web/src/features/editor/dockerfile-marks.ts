import { type Diagnostic, parseDockerfile } from "@slipway/dockerfile";
import type { Mark } from "./marks.ts";

/** Text of a mark that a sentence repeats, characters. */
const WORD_CHARACTERS = 60;

/** What the parser says of a Dockerfile, as marks in the person's language. */
export function dockerfileMarks(
  text: string,
  say: (diagnostic: Diagnostic, word: string) => string,
): readonly Mark[] {
  const lines = text.split(/\r?\n/);
  return parseDockerfile(text).diagnostics.map((diagnostic) => {
    const { range, severity } = diagnostic;
    const line = lines[range.startLine - 1] ?? "";
    const end = range.endLine === range.startLine ? range.endColumn : line.length;
    const word = line.slice(range.startColumn - 1, end).slice(0, WORD_CHARACTERS);
    return { severity, range, text: say(diagnostic, word) };
  });
}
