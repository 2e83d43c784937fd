import { splitWords } from "./words.ts";

/** A here-document (https://docs.docker.com/reference/dockerfile/#here-documents). */
export interface HereDocument {
  readonly name: string;
  /** False when the delimiter is quoted: variables stay as they are. */
  readonly expand: boolean;
  /** `<<-`: tabs at the start of each line are dropped. */
  readonly stripTabs: boolean;
  /** As written, every line with its line end. */
  readonly content: string;
}

const OPENING = /^\d*<<(-?)[\t-\r ]*([^<]*)$/;
/** What stands before white space in `<< EOF`. */
const OPENING_ALONE = /^\d*<<-?$/;

/** Here-documents that one instruction may open. */
export const MAX_HERE_DOCUMENTS = 1000;

/**
 * The here-documents that a line opens, in order, without content yet; a line with an open quote opens none. Source:
 * heredocsFromLine in BuildKit's frontend/dockerfile/parser/parser.go, where the backslash escapes whatever the escape
 * directive says.
 */
export function hereDocumentsOf(text: string): HereDocument[] {
  if (!text.includes("<<") || hasOpenQuote(text)) return [];
  const found: HereDocument[] = [];
  let before = "";
  for (const { text: word } of splitWords(text, "\\")) {
    // A dash after the white space is part of the name.
    const opened = openingOf(before === "" ? word : `${before} ${word}`);
    if (opened !== null) found.push(opened);
    before = before === "" && OPENING_ALONE.test(word) ? word : "";
  }
  return found;
}

/**
 * The here-document that a word such as `<<-"EOF"` opens, or null. A RUN whose whole line is such a word has the
 * document as its script.
 */
export function openingOf(word: string): HereDocument | null {
  const match = OPENING.exec(word);
  if (!match?.[2] || hasOpenQuote(match[2]) || splitWords(match[2], "\\").length !== 1) return null;
  const { name, isQuoted } = unquote(match[2]);
  if (name === "") return null;
  return { name, expand: !isQuoted, stripTabs: match[1] === "-", content: "" };
}

/** The content as it is used: leading tabs dropped where `<<-` asks for it. */
export function hereDocumentText(document: HereDocument): string {
  return document.stripTabs ? document.content.replace(/^\t+/gm, "") : document.content;
}

function hasOpenQuote(text: string): boolean {
  let quote: string | null = null;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? "";
    if (character === "\\" && quote !== "'") at += 1;
    else if (quote === null && (character === "'" || character === '"')) quote = character;
    else if (character === quote) quote = null;
  }
  return quote !== null;
}

/** Removes quotes and escapes. Within double quotes only `"`, `$` and the backslash itself can be escaped. */
function unquote(text: string): { name: string; isQuoted: boolean } {
  let name = "";
  let isQuoted = false;
  let quote: string | null = null;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? "";
    if (character === "\\" && quote !== "'") {
      const next = text[at + 1] ?? "";
      if (quote === null || (next !== "" && '"$\\'.includes(next))) {
        name += next;
        at += 1;
      } else name += character;
    } else if (quote === null && (character === "'" || character === '"')) {
      quote = character;
      isQuoted = true;
    } else if (character === quote) quote = null;
    else name += character;
  }
  return { name, isQuoted };
}
