import type { Entry } from "../parser.ts";
import { type DockerfileText, hereDocumentAt } from "./dockerfile-text.ts";

/** Where in a Dockerfile the cursor stands, as completion needs to know it. */
export type Cursor =
  /** Where an instruction may begin; `word` is what is written of it. */
  | { readonly kind: "start"; readonly word: string }
  | { readonly kind: "comment"; readonly text: string; readonly line: number }
  /** In the text of a here-document. */
  | {
      readonly kind: "here-document";
      readonly entry: Entry;
      readonly expand: boolean;
      readonly before: string;
    }
  /** Behind the keyword; `before` is the logical line up to the cursor, continuations joined. */
  | { readonly kind: "arguments"; readonly entry: Entry; readonly before: string };

export function cursorAt(text: DockerfileText, offset: number): Cursor {
  const { line, column } = text.places.positionOf(offset);
  const written = text.places.line(line).slice(0, column - 1);
  const entry = text.entryAt(line);
  const { escape } = text.dockerfile.directives;
  if (entry === null) {
    const trimmed = written.trimStart();
    if (trimmed.startsWith("#")) return { kind: "comment", text: trimmed, line };
    return { kind: "start", word: trimmed };
  }
  if (line > entry.line.map.lastLine && entry.line.hereDocuments.length > 0) {
    const document = hereDocumentAt(entry, line);
    if (document !== null) return { kind: "here-document", entry, expand: document.expand, before: written };
  }
  if (line > entry.line.range.startLine && written.trimStart().startsWith("#")) {
    return { kind: "comment", text: written.trimStart(), line };
  }
  const before = beforeCursor(entry, line, column, written, escape);
  return /[\t-\r ]/.test(before) ? { kind: "arguments", entry, before } : { kind: "start", word: before };
}

/** The logical line up to the cursor. White space at its end counts, which the parser cuts off. */
function beforeCursor(entry: Entry, line: number, column: number, written: string, escape: string): string {
  const { map, text } = entry.line;
  const offset = map.offsetAt(line, column);
  if (offset !== null) {
    const before = text.slice(0, offset);
    const isBehind = /[\t-\r ]$/.test(written) && !/[\t-\r ]$/.test(before);
    return isBehind ? `${before} ` : before;
  }
  // An empty line within a continued instruction: all that stands above it comes before.
  for (let above = line - 1; above >= entry.line.range.startLine; above -= 1) {
    const end = map.offsetAt(above, Number.MAX_SAFE_INTEGER);
    if (end !== null)
      return `${text.slice(0, Math.min(end, text.length)).replace(new RegExp(`\\${escape}$`), "")} `;
  }
  return `${text} `;
}
