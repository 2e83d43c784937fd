import { type Diagnostic, parseDockerfile } from "@slipway/dockerfile";
import { excerpt, type Mark } from "./marks.ts";

/** What the parser says of a Dockerfile, as marks in the person's language. */
export function dockerfileMarks(
  text: string,
  say: (diagnostic: Diagnostic, word: string) => string,
): readonly Mark[] {
  return parseDockerfile(text).diagnostics.map((diagnostic) => {
    const { range, severity } = diagnostic;
    return { severity, range, text: say(diagnostic, excerpt(text, range)) };
  });
}
