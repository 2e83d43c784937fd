import { trimSpace, trimStart } from "./characters.ts";
import type { Diagnostics } from "./diagnostics.ts";
import type { Directives } from "./directives.ts";
import { type HereDocument, hereDocumentsOf, MAX_HERE_DOCUMENTS } from "./here-documents.ts";
import { SourceMap, type SourceRange } from "./source.ts";
import { parseJsonForm } from "./words.ts";

/** One instruction's text: continuation lines joined, comments dropped, here-documents read. */
export interface LogicalLine {
  readonly text: string;
  readonly map: SourceMap;
  /** From the keyword to the end of the last line, here-documents included. */
  readonly range: SourceRange;
  readonly hereDocuments: readonly HereDocument[];
  /** The comment lines that stand right above it, without `#`. */
  readonly comments: readonly string[];
  /** Number of the first empty line within it, which its continuation passes over; null where there is none. */
  readonly emptyLine: number | null;
}

/** Instructions whose line may open here-documents. */
const WITH_HERE_DOCUMENTS = /^(?:onbuild[\t\v\f\r ]+)?(?:add|copy|run)[\t\v\f\r ]+/i;
const FLAG = /--\S*[\t\v\f\r ]+/y;

/**
 * Splits a Dockerfile into logical lines as BuildKit's parser does (frontend/dockerfile/parser/parser.go). `lines` have
 * their line ends.
 */
export function* splitLogicalLines(
  lines: readonly string[],
  directives: Directives,
  diagnostics: Diagnostics,
): Generator<LogicalLine> {
  const reader = new LineReader(lines, directives, diagnostics);
  while (!reader.done) {
    const line = reader.next();
    if (line) yield line;
  }
}

class LineReader {
  readonly #lines: readonly string[];
  readonly #escape: string;
  readonly #diagnostics: Diagnostics;
  /** Lines at the head of the file that are parser directives, and no comments. */
  readonly #directives: number;
  #index = 0;
  #comments: string[] = [];
  /** Number of the first empty line within the instruction that is read, or 0. */
  #emptyLine = 0;

  constructor(lines: readonly string[], directives: Directives, diagnostics: Diagnostics) {
    this.#lines = lines;
    this.#escape = directives.escape;
    this.#directives = directives.lines;
    this.#diagnostics = diagnostics;
  }

  get done(): boolean {
    return this.#index >= this.#lines.length;
  }

  /** The logical line that starts here, or null when there is only a comment or nothing. */
  next(): LogicalLine | null {
    const written = this.#take();
    const first = trimStart(written);
    if (first === "" || first.startsWith("#")) {
      if (first === "") this.#comments = [];
      else if (this.#index > this.#directives) this.#comments.push(trimSpace(first.slice(1)));
      return null;
    }
    const comments = this.#comments;
    this.#comments = [];
    const map = new SourceMap();
    map.add(0, this.#index, written.length - first.length + 1);
    const startLine = this.#index;
    const text = this.#joinContinuations(first, map);
    const hereDocuments = opensHereDocuments(text) ? this.#readHereDocuments(text, map) : [];
    const indent = text.length - trimStart(text).length;
    if (indent === text.length) return null;
    const start = map.position(indent);
    const last = withoutLineEnd(this.#lines[this.#index - 1] ?? "");
    const range = {
      startLine: indent === 0 ? startLine : start.line,
      startColumn: start.column,
      endLine: this.#index,
      endColumn: Math.max(1, trimSpace(last).length === 0 ? last.length : last.trimEnd().length),
    };
    return {
      text: trimSpace(text),
      map: indent === 0 ? map : new SourceMap(map, indent),
      range,
      hereDocuments,
      comments,
      emptyLine: this.#emptyLine || null,
    };
  }

  #take(): string {
    return withoutLineEnd(this.#takeWhole());
  }

  #takeWhole(): string {
    const line = this.#lines[this.#index] ?? "";
    this.#index += 1;
    return line;
  }

  #joinContinuations(first: string, map: SourceMap): string {
    const parts: string[] = [];
    let length = 0;
    let line = first;
    this.#emptyLine = 0;
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

  /** The line that goes on; comments between are skipped, and so are empty lines, which are noted. */
  #nextContinuation(): string | null {
    while (!this.done) {
      const line = this.#take();
      const trimmed = trimStart(line);
      if (trimmed.startsWith("#")) continue;
      if (trimmed !== "") return line;
      this.#emptyLine ||= this.#index;
    }
    return null;
  }

  #readHereDocuments(text: string, map: SourceMap): HereDocument[] {
    const opened = hereDocumentsOf(text);
    if (opened.length > MAX_HERE_DOCUMENTS) {
      const message = `An instruction may open ${MAX_HERE_DOCUMENTS} here-documents, not ${opened.length}.`;
      this.#diagnostics.error("argument-invalid", map.range(0, text.length), message);
      return [];
    }
    return opened.map((document) => {
      const content: string[] = [];
      while (!this.done) {
        const line = this.#takeWhole();
        const bare = withoutLineEnd(line);
        if ((document.stripTabs ? bare.replace(/^\t+/, "") : bare) === document.name) {
          return { ...document, content: content.join("") };
        }
        content.push(line);
      }
      const range = map.range(0, text.length);
      const name = document.name.slice(0, 64);
      const message = `The here-document "${name}" has no line with "${name}" that ends it.`;
      this.#diagnostics.error("heredoc-unterminated", range, message);
      return { ...document, content: content.join("") };
    });
  }
}

/** The JSON form knows no here-documents. */
function opensHereDocuments(text: string): boolean {
  const head = WITH_HERE_DOCUMENTS.exec(text);
  if (head === null || !text.includes("<<")) return false;
  let at = head[0].length;
  for (;;) {
    FLAG.lastIndex = at;
    if (!FLAG.test(text)) break;
    at = FLAG.lastIndex;
  }
  return parseJsonForm(trimSpace(text.slice(at))).form !== "json";
}

function withoutLineEnd(line: string): string {
  let end = line.length;
  while (end > 0 && (line[end - 1] === "\n" || line[end - 1] === "\r")) end -= 1;
  return line.slice(0, end);
}

/** The line without its continuation character, or null when it is not continued; a doubled one does not continue. */
function withoutContinuation(line: string, escape: string): string | null {
  let end = line.length;
  while (end > 0 && (line[end - 1] === " " || line[end - 1] === "\t")) end -= 1;
  if (line[end - 1] !== escape || line[end - 2] === escape) return null;
  return line.slice(0, end - 1);
}
