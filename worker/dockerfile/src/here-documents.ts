import { splitWords, unquote } from "./words.ts";

/** A here-document (https://docs.docker.com/reference/dockerfile/#here-documents). */
export interface HereDocument {
  readonly name: string;
  /** False when the delimiter is quoted: variables stay as they are. */
  readonly expand: boolean;
  /** `<<-`: tabs at the start of each line are dropped. */
  readonly stripTabs: boolean;
  /** As written, every line with its newline. */
  readonly content: string;
}

const OPENING = /^\d*<<(-?)([^<]+)$/;

/** The here-documents that a line opens, in order, without content yet. */
export function hereDocumentsOf(text: string, escape: string): HereDocument[] {
  if (!text.includes("<<")) return [];
  return splitWords(text, escape).flatMap((word) => {
    const opened = openingOf(word, escape);
    return opened ? [opened] : [];
  });
}

/** The here-document that a word such as `<<-"EOF"` opens, or null. */
export function openingOf(word: string, escape: string): HereDocument | null {
  const match = OPENING.exec(word);
  if (!match?.[2]) return null;
  const name = unquote(match[2], escape);
  if (name === "" || /\s/.test(name)) return null;
  return { name, expand: !/['"]/.test(match[2]), stripTabs: match[1] === "-", content: "" };
}

/** The content as it is used: leading tabs dropped where `<<-` asks for it. */
export function hereDocumentText(document: HereDocument): string {
  return document.stripTabs ? document.content.replace(/^\t+/gm, "") : document.content;
}
