import { type Diagnostic, Diagnostics } from "./diagnostics.ts";
import { type Directives, NO_DIRECTIVES, readDirectives } from "./directives.ts";
import { readInstruction } from "./instruction-reader.ts";
import type { Instruction } from "./instructions.ts";
import { type LogicalLine, splitLogicalLines } from "./lines.ts";
import type { SourceRange } from "./source.ts";

/** Largest Dockerfile that is read; a real one has a few kilobytes. */
export const MAX_DOCKERFILE_CHARACTERS = 1024 * 1024;
/** Instructions that are read. */
export const MAX_INSTRUCTIONS = 10_000;
/** Longest line, as in BuildKit (bufio.MaxScanTokenSize). */
export const MAX_LINE_CHARACTERS = 65_535;

export interface Dockerfile {
  readonly directives: Directives;
  /** All instructions that could be read, in order. */
  readonly instructions: readonly Instruction[];
  /** Empty lines inside of continued instructions, one for each instruction that has some. */
  readonly emptyContinuations: readonly SourceRange[];
  readonly diagnostics: readonly Diagnostic[];
}

/** A logical line, and its instruction where it could be read. */
export interface Entry {
  readonly line: LogicalLine;
  readonly instruction: Instruction | null;
}

const FILE_START = { startLine: 1, startColumn: 1, endLine: 1, endColumn: 1 };

/**
 * Reads a Dockerfile's text. Never throws: what is wrong is in `diagnostics`, and what could be read is in
 * `instructions` all the same.
 */
export const parseDockerfile = (text: string): Dockerfile => readEntries(text).dockerfile;

/** As parseDockerfile, with the lines that everything was read from: for who works on the text, as an editor does. */
export function readEntries(text: string): { dockerfile: Dockerfile; entries: readonly Entry[] } {
  const diagnostics = new Diagnostics();
  const lines = readLines(text, diagnostics);
  if (lines === null) {
    const nothing = { directives: NO_DIRECTIVES, instructions: [], emptyContinuations: [] };
    return { dockerfile: { ...nothing, diagnostics: diagnostics.list }, entries: [] };
  }
  const directives = readDirectives(lines, diagnostics);
  const entries: Entry[] = [];
  const emptyContinuations: SourceRange[] = [];
  for (const line of splitLogicalLines(lines, directives, diagnostics)) {
    if (entries.length === MAX_INSTRUCTIONS) {
      const message = `The Dockerfile has more than ${MAX_INSTRUCTIONS} instructions.`;
      diagnostics.error("file-too-large", line.range, message);
      break;
    }
    if (line.emptyLine !== null) emptyContinuations.push(lineRange(line.emptyLine));
    const instruction = readInstruction(line, directives.escape, diagnostics);
    entries.push({ line, instruction });
  }
  const instructions = entries.flatMap((entry) => (entry.instruction === null ? [] : [entry.instruction]));
  checkOrder(instructions, diagnostics);
  const dockerfile = { directives, instructions, emptyContinuations, diagnostics: diagnostics.list };
  return { dockerfile, entries };
}

/** Lines with their line ends, or null with a diagnostic where the file is too large to be read. */
function readLines(text: string, diagnostics: Diagnostics): string[] | null {
  if (text.length > MAX_DOCKERFILE_CHARACTERS) {
    const message = `The Dockerfile has ${text.length} characters; at most ${MAX_DOCKERFILE_CHARACTERS} are read.`;
    diagnostics.error("file-too-large", FILE_START, message);
    return null;
  }
  const lines: string[] = [];
  for (let at = text.startsWith("\uFEFF") ? 1 : 0; at < text.length; ) {
    const newline = text.indexOf("\n", at);
    const end = newline < 0 ? text.length : newline + 1;
    lines.push(text.slice(at, end));
    if (end - at > MAX_LINE_CHARACTERS + 1) {
      const message = `The line has ${end - at} characters; at most ${MAX_LINE_CHARACTERS} are read.`;
      diagnostics.error("line-too-long", lineRange(lines.length), message);
      return null;
    }
    at = end;
  }
  return lines;
}

function lineRange(line: number): SourceRange {
  return { startLine: line, startColumn: 1, endLine: line, endColumn: 1 };
}

/** `FROM` comes first; only `ARG` may stand before it. */
function checkOrder(instructions: readonly Instruction[], diagnostics: Diagnostics): void {
  const failed = diagnostics.hasErrors;
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
