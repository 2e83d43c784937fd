import type { Instruction } from "../instructions.ts";
import type { Entry } from "../parser.ts";
import { type DockerfileText, partsOf, restWords } from "./dockerfile-text.ts";
import { freeIndents } from "./free-indents.ts";
import type { TextEdit } from "./text-places.ts";

/** Columns by which continued lines stand in. */
const INDENT = 4;

/**
 * Edits that bring a Dockerfile into the usual form: keywords in capitals, instructions at the start of the line, continued
 * lines stand in and keep how deep they stand among each other, no white space at ends of lines. Comments stay. Here-documents,
 * and instructions that can't be read, stay as they are. What the file means never changes: white space moves only where
 * it separates words, and quotes, escapes and instructions whose white space counts are left alone.
 */
export function formatDockerfile(text: DockerfileText): TextEdit[] {
  const edits = text.entries.flatMap((entry) => {
    if (entry.instruction === null) return [];
    return [...keywordEdits(text, entry), ...indentEdits(text, entry, entry.instruction)];
  });
  return [...edits, ...lineEndEdits(text), ...finalLineEnd(text)]
    .filter(({ from, to, insert }) => text.text.slice(from, to) !== insert)
    .sort((left, right) => left.from - right.from);
}

/** Keywords, AS of FROM, and CMD or NONE of HEALTHCHECK. */
function keywordEdits(text: DockerfileText, entry: Entry): TextEdit[] {
  const { keyword, known, rest } = partsOf(entry);
  const words = known === "FROM" || known === "HEALTHCHECK" ? restWords(entry, rest) : [];
  const second = known === "FROM" ? words[1] : words[0];
  return [keyword, ...(second ? [second] : [])].flatMap((token): TextEdit[] => {
    const span = text.spanIn(entry, token.start, token.end);
    // A word that a continuation cuts in two stays as it is.
    if (text.text.slice(span.from, span.to) !== token.text) return [];
    return [{ ...span, insert: token.text.toUpperCase() }];
  });
}

function indentEdits(text: DockerfileText, entry: Entry, instruction: Instruction): TextEdit[] {
  const { places } = text;
  const { range, map } = entry.line;
  if (isPushedDown(text, range.startLine)) return [];
  const first = places.startOf(range.startLine);
  const edits: TextEdit[] = [
    { from: first, to: first + indentOf(places.line(range.startLine)).length, insert: "" },
  ];
  const free = freeIndents(text, entry, instruction);
  const lines: { line: number; written: string; columns: number }[] = [];
  for (let line = range.startLine + 1; line <= map.lastLine; line += 1) {
    const written = indentOf(places.line(line));
    const isComment = places.line(line).startsWith("#", written.length);
    const isEmpty = written === places.line(line);
    if (!isEmpty && (isComment || free.has(line))) lines.push({ line, written, columns: columnsOf(written) });
  }
  const least = Math.min(...lines.map(({ columns }) => columns));
  for (const { line, written, columns } of lines) {
    const from = places.startOf(line);
    edits.push({ from, to: from + written.length, insert: " ".repeat(INDENT + columns - least) });
  }
  return edits;
}

/** True where an instruction begins with a line of nothing but a continuation character. */
function isPushedDown({ places, dockerfile }: DockerfileText, startLine: number): boolean {
  const isBare = (line: number): boolean => places.line(line).trim() === dockerfile.directives.escape;
  let above = startLine - 1;
  while (above > 0 && places.line(above).trimStart().startsWith("#")) above -= 1;
  return isBare(startLine) || (above > 0 && isBare(above));
}

const indentOf = (line: string): string => /^[\t ]*/.exec(line)?.[0] ?? "";

const columnsOf = (indent: string): number => indent.replaceAll("\t", " ".repeat(INDENT)).length;

/** White space at ends of lines, here-documents left out. */
function lineEndEdits({ places, entries }: DockerfileText): TextEdit[] {
  const edits: TextEdit[] = [];
  const documents = entries.filter(({ line }) => line.hereDocuments.length > 0).values();
  let next = documents.next();
  for (let line = 1; line <= places.lineCount; line += 1) {
    while (!next.done && line > next.value.line.range.endLine) next = documents.next();
    if (!next.done && line > next.value.line.map.lastLine) continue;
    const written = places.line(line);
    const kept = written.replace(/[\t ]+$/, "");
    // A line of nothing but white space is its own indentation, which another edit may see to.
    if (kept.length === written.length) continue;
    edits.push({ from: places.startOf(line) + kept.length, to: places.endOf(line), insert: "" });
  }
  return edits;
}

function finalLineEnd({ text, dockerfile }: DockerfileText): TextEdit[] {
  const isOpen = dockerfile.diagnostics.some(({ code }) => code === "heredoc-unterminated");
  if (text === "" || text.endsWith("\n") || isOpen) return [];
  return [{ from: text.length, to: text.length, insert: "\n" }];
}
