import { type Diagnostic, Diagnostics } from "./diagnostics.ts";
import { type Directives, readDirectives } from "./directives.ts";
import { takeFlags } from "./flags.ts";
import { readInstruction } from "./instruction-reader.ts";
import type { Instruction } from "./instructions.ts";
import { isKeyword, KEYWORDS, suggest } from "./keywords.ts";
import { type LogicalLine, splitLogicalLines } from "./lines.ts";

/** Largest Dockerfile that is read; a real one has a few kilobytes. */
export const MAX_DOCKERFILE_CHARACTERS = 1024 * 1024;

export interface Dockerfile {
  readonly directives: Directives;
  /** All instructions that could be read, in order. */
  readonly instructions: readonly Instruction[];
  readonly diagnostics: readonly Diagnostic[];
}

const FILE_START = { startLine: 1, startColumn: 1, endLine: 1, endColumn: 1 };

/**
 * Reads a Dockerfile's text. Never throws: what is wrong is in `diagnostics`, and what could be read is in
 * `instructions` all the same.
 */
export function parseDockerfile(text: string): Dockerfile {
  const diagnostics = new Diagnostics();
  if (text.length > MAX_DOCKERFILE_CHARACTERS) {
    diagnostics.error(
      "file-too-large",
      FILE_START,
      `The Dockerfile has ${text.length} characters; at most ${MAX_DOCKERFILE_CHARACTERS} are read.`,
    );
    return {
      directives: { escape: "\\", syntax: null, check: null },
      instructions: [],
      diagnostics: diagnostics.list,
    };
  }
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  const directives = readDirectives(lines, diagnostics);
  const instructions = splitLogicalLines(lines, directives.escape, diagnostics).flatMap((line) => {
    const instruction = parseLine(line, directives.escape, diagnostics);
    return instruction ? [instruction] : [];
  });
  checkOrder(instructions, diagnostics);
  return { directives, instructions, diagnostics: diagnostics.list };
}

function parseLine(line: LogicalLine, escape: string, diagnostics: Diagnostics): Instruction | null {
  const written = /^\S+/.exec(line.text)?.[0] ?? "";
  const keyword = written.toUpperCase();
  const keywordRange = line.map.range(0, written.length);
  if (!isKeyword(keyword)) {
    const suggestion = suggest(keyword, Object.keys(KEYWORDS));
    const hint = suggestion === null ? "" : ` Did you mean ${suggestion}?`;
    const shown = written.slice(0, 64);
    diagnostics.error(
      "instruction-unknown",
      keywordRange,
      `"${shown}" is not an instruction.${hint}`,
      suggestion,
    );
    return null;
  }
  if (!KEYWORDS[keyword]) {
    diagnostics.error("instruction-unsupported", keywordRange, `${keyword} is not supported here yet.`);
    return null;
  }
  const { flags, rest } = takeFlags(line.text, written.length, escape);
  return readInstruction({ keyword, line, flags, rest, escape, diagnostics });
}

/** `FROM` comes first; only `ARG` may stand before it. */
function checkOrder(instructions: readonly Instruction[], diagnostics: Diagnostics): void {
  const failed = diagnostics.list.some((diagnostic) => diagnostic.severity === "error");
  if (instructions.length === 0) {
    if (!failed) diagnostics.error("file-empty", FILE_START, "The Dockerfile has no instructions.");
    return;
  }
  const first = instructions.find((instruction) => instruction.kind !== "arg");
  if (first?.kind === "from") return;
  // A FROM that could not be read is reported already, and is not missing.
  if (failed && !instructions.some((instruction) => instruction.kind === "from")) return;
  const message = first
    ? `A Dockerfile starts with FROM; ${first.kind.toUpperCase()} belongs to no stage here.`
    : "The Dockerfile has no FROM.";
  diagnostics.error("from-missing", first?.range ?? FILE_START, message);
}
