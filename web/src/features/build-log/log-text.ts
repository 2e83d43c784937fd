/* Escape sequences of terminals (ECMA-48 section 5.4 CSI, section 8.3.89 OSC, and the two-byte ones). */
// The pattern is built from a string, so that no control character stands in the source.
const ESCAPE = "\\u001b";
const BELL = "\\u0007";
const SEQUENCES = new RegExp(
  `${ESCAPE}(?:\\[[0-?]*[ -/]*[@-~]|\\][^${BELL}${ESCAPE}]*(?:${BELL}|${ESCAPE}\\\\)|[@-Z\\\\-_])`,
  "g",
);
const CONTROLS = /[^\P{Cc}\n\t]/gu;

/**
 * A program's output as plain lines: colours and cursor moves taken out, and of a line that was overwritten with carriage
 * returns (progress bars) only the last state.
 */
export function plainText(output: string): string {
  return output
    .replace(SEQUENCES, "")
    .replace(/\r+\n/g, "\n")
    .split("\n")
    .map((line) => line.slice(line.replace(/\r+$/, "").lastIndexOf("\r") + 1).replace(/\r+$/, ""))
    .join("\n")
    .replace(CONTROLS, "");
}
