import type { Diagnostics } from "./diagnostics.ts";
import { type HereDocument, hereDocumentsOf } from "./here-documents.ts";
import { SourceMap, type SourceRange } from "./source.ts";

/** One instruction's text: continuation lines joined, comments dropped, here-documents read. */
export interface LogicalLine {
  readonly text: string;
  readonly map: SourceMap;
  /** From the keyword to the end of the last line, here-documents included. */
  readonly range: SourceRange;
  readonly hereDocuments: readonly HereDocument[];
}

/** Instructions whose line may open here-documents. */
const WITH_HERE_DOCUMENTS = /^(add|copy|run)\s/i;

/** Splits a Dockerfile into logical lines as BuildKit's parser does (frontend/dockerfile/parser/parser.go). */
export function splitLogicalLines(
  lines: readonly string[],
  escape: string,
  diagnostics: Diagnostics,
): LogicalLine[] {
  const found: LogicalLine[] = [];
  const reader = new LineReader(lines, escape, diagnostics);
  while (!reader.done) {
    const line = reader.next();
    if (line) found.push(line);
  }
  return found;
}

class LineReader {
  readonly #lines: readonly string[];
  readonly #escape: string;
  readonly #diagnostics: Diagnostics;
  #index = 0;

  constructor(lines: readonly string[], escape: string, diagnostics: Diagnostics) {
    this.#lines = lines;
    this.#escape = escape;
    this.#diagnostics = diagnostics;
  }

  get done(): boolean {
    return this.#index >= this.#lines.length;
  }

  /** The logical line that starts here, or null when there is only a comment or nothing. */
  next(): LogicalLine | null {
    const written = this.#take();
    const first = written.trimStart();
    if (first === "" || first.startsWith("#")) return null;
    const map = new SourceMap();
    map.add(0, this.#index, written.length - first.length + 1);
    const startLine = this.#index;
    const text = this.#joinContinuations(first, map);
    if (text.trim() === "") return null;
    const hereDocuments = WITH_HERE_DOCUMENTS.test(text) ? this.#readHereDocuments(text) : [];
    const start = map.position(0);
    const last = this.#lines[this.#index - 1] ?? "";
    const range = {
      startLine,
      startColumn: start.column,
      endLine: this.#index,
      endColumn: Math.max(1, last.trimEnd().length),
    };
    return { text: text.trimEnd(), map, range, hereDocuments };
  }

  #take(): string {
    const line = this.#lines[this.#index] ?? "";
    this.#index += 1;
    return line;
  }

  #joinContinuations(first: string, map: SourceMap): string {
    const parts: string[] = [];
    let length = 0;
    let line = first;
    for (;;) {
      const continued = withoutContinuation(line, this.#escape);
      parts.push(continued ?? line);
      length += (continued ?? line).length;
      if (continued === null) break;
      const following = this.#nextContinuation();
      if (following === null) break;
      map.add(length, this.#index, 1);
      line = following;
    }
    return parts.join("");
  }

  /** The line that goes on; comments between are skipped, and so are empty lines, with a warning. */
  #nextContinuation(): string | null {
    while (!this.done) {
      const line = this.#take();
      const trimmed = line.trimStart();
      if (trimmed.startsWith("#")) continue;
      if (trimmed !== "") return line;
      const range = { startLine: this.#index, startColumn: 1, endLine: this.#index, endColumn: 1 };
      this.#diagnostics.warning("empty-continuation", range, "An empty line inside a continued instruction.");
    }
    return null;
  }

  #readHereDocuments(text: string): HereDocument[] {
    return hereDocumentsOf(text, this.#escape).map((opened) => {
      const startLine = this.#index;
      const content: string[] = [];
      while (!this.done) {
        const line = this.#take();
        if ((opened.stripTabs ? line.replace(/^\t+/, "") : line) === opened.name) {
          return { ...opened, content: content.map((one) => `${one}\n`).join("") };
        }
        content.push(line);
      }
      const range = { startLine, startColumn: 1, endLine: startLine, endColumn: 1 };
      this.#diagnostics.error(
        "heredoc-unterminated",
        range,
        `The here-document "${opened.name}" has no line with "${opened.name}" that ends it.`,
      );
      return { ...opened, content: content.map((one) => `${one}\n`).join("") };
    });
  }
}

/** The line without its continuation character, or null when it is not continued; a doubled one does not continue. */
function withoutContinuation(line: string, escape: string): string | null {
  const trimmed = line.replace(/[ \t]+$/, "");
  if (!trimmed.endsWith(escape) || trimmed.endsWith(escape + escape)) return null;
  return trimmed.slice(0, -1);
}
