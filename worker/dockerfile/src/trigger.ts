import type { Diagnostic } from "./diagnostics.ts";
import type { Instruction } from "./instructions.ts";
import { parseDockerfile } from "./parser.ts";

/** Instructions that a trigger can't be: the reference forbids them, and a config may hold them all the same. */
const FORBIDDEN: ReadonlySet<string> = new Set(["from", "maintainer", "onbuild"]);

/**
 * Reads a trigger of an image's config (`OnBuild`), which the build of a stage on that image carries out. Never throws:
 * the instruction is null where the text is not exactly one that a trigger may be.
 */
export function parseTrigger(text: string): {
  instruction: Instruction | null;
  diagnostics: readonly Diagnostic[];
} {
  const { instructions, diagnostics } = parseDockerfile(text);
  const errors = diagnostics.filter(({ code }) => code !== "from-missing");
  const [instruction, ...more] = instructions;
  const isGood = errors.length === 0 && more.length === 0 && instruction && !FORBIDDEN.has(instruction.kind);
  if (isGood) return { instruction, diagnostics: [] };
  if (errors.length > 0) return { instruction: null, diagnostics: errors };
  const range = instruction?.range ?? { startLine: 1, startColumn: 1, endLine: 1, endColumn: 1 };
  const message = `A trigger of ONBUILD is one instruction, and none of FROM, MAINTAINER and ONBUILD.`;
  return {
    instruction: null,
    diagnostics: [{ severity: "error", code: "argument-invalid", message, range, suggestion: null }],
  };
}
