import { splitOnSpace } from "../characters.ts";
import { type Flag, takeFlags } from "../flags.ts";
import type { HereDocument } from "../here-documents.ts";
import { isKeyword, type Keyword } from "../keywords.ts";
import { type Dockerfile, type Entry, readEntries } from "../parser.ts";
import { type Span, TextPlaces } from "./text-places.ts";

/**
 * A Dockerfile as an editor has it: the text, what the parser made of it, and the way between the two. All services of this
 * folder start from one; making it parses the text once.
 */
export class DockerfileText {
  readonly text: string;
  readonly places: TextPlaces;
  readonly dockerfile: Dockerfile;
  readonly entries: readonly Entry[];

  constructor(text: string) {
    this.text = text;
    this.places = new TextPlaces(text);
    const { dockerfile, entries } = readEntries(text);
    this.dockerfile = dockerfile;
    this.entries = entries;
  }

  /** The entry with the line in it, here-documents included. */
  entryAt(line: number): Entry | null {
    let low = 0;
    let high = this.entries.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.entries[middle]?.line.range.startLine ?? 0) <= line) low = middle;
      else high = middle - 1;
    }
    const entry = this.entries[low];
    const isIn =
      entry !== undefined && entry.line.range.startLine <= line && line <= entry.line.range.endLine;
    return isIn ? entry : null;
  }

  /** Where `line.text[start, end)` of an entry stands in the text. */
  spanIn(entry: Entry, start: number, end: number): Span {
    return this.places.spanOf(entry.line.map.range(start, Math.max(end, start + 1)));
  }

  /** Stages in the order of the file. */
  stages(): { readonly entry: Entry; readonly name: string | null; readonly image: string }[] {
    return this.entries.flatMap((entry) => {
      const { instruction } = entry;
      if (instruction?.kind !== "from") return [];
      return [{ entry, name: instruction.stageName, image: instruction.image }];
    });
  }
}

/** A word of an entry, by its offsets in the logical line's text. */
export interface Token {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** An entry cut up: keyword, flags, and where the rest starts. */
export interface Parts {
  readonly keyword: Token;
  /** In capitals; null where it is none. */
  readonly known: Keyword | null;
  readonly flags: readonly Flag[];
  readonly rest: number;
}

/** `from`: where the instruction starts in the text, for that of an ONBUILD. */
export function partsOf({ line }: Entry, from = 0): Parts {
  const written = /^[^\t-\r ]+/.exec(line.text.slice(from))?.[0] ?? "";
  const known = written.toUpperCase();
  const { flags, rest } = takeFlags(line.text, from + written.length);
  const keyword = { text: written, start: from, end: from + written.length };
  return { keyword, known: isKeyword(known) ? known : null, flags, rest };
}

/** The words of an entry's rest, of an instruction that knows no quotes. */
export function restWords({ line }: Entry, rest: number): Token[] {
  const tokens: Token[] = [];
  let at = rest;
  for (const text of splitOnSpace(line.text.slice(rest))) {
    const start = line.text.indexOf(text, at);
    tokens.push({ text, start, end: start + text.length });
    at = start + text.length;
  }
  return tokens;
}

/** The here-document that a line of an entry belongs to, its last line included; null on the instruction itself. */
export function hereDocumentAt(entry: Entry, line: number): HereDocument | null {
  let start = entry.line.map.lastLine + 1;
  for (const document of entry.line.hereDocuments) {
    const lines = document.content.split("\n").length;
    if (line >= start && line < start + lines) return document;
    start += lines;
  }
  return null;
}
