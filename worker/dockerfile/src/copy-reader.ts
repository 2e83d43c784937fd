import { splitOnSpace } from "./characters.ts";
import { type HereDocument, openingOf } from "./here-documents.ts";
import type { InstructionContext } from "./instruction-context.ts";
import type { CopyInstruction } from "./instructions.ts";
import { isMode } from "./mode.ts";

/** `COPY` and `ADD`. */
export function readCopy(context: InstructionContext, kind: "copy" | "add"): CopyInstruction | null {
  const { keyword, flags } = context;
  const json = context.json();
  if (json === null) return null;
  const list = json.form === "json" ? json.items : splitOnSpace(context.rest);
  const destination = list.at(-1);
  if (list.length < 2 || !destination) {
    return context.fail("argument-missing", `${keyword} needs at least one source and a destination.`);
  }
  if (openingOf(destination) !== null) {
    return context.fail("argument-invalid", `${keyword} can't have a here-document as its destination.`);
  }
  const chmod = flags.text("chmod");
  if (chmod !== null && !isMode(chmod)) {
    const message = `${keyword} --chmod takes an octal mode such as 755, or a symbolic one such as u=rwX,go=rX.`;
    return context.fail("flag-invalid", message, flags.range("chmod"));
  }
  return {
    ...context.written,
    kind,
    from: flags.text("from"),
    chown: flags.text("chown"),
    chmod,
    link: flags.boolean("link") ?? false,
    parents: flags.boolean("parents") ?? false,
    exclude: flags.all("exclude").map(({ value }) => value),
    checksum: flags.text("checksum"),
    keepGitDir: flags.boolean("keep-git-dir") ?? false,
    unpack: flags.boolean("unpack"),
    ...sourcesOf(list.slice(0, -1), context.line.hereDocuments),
    destination,
  };
}

/** Paths, and here-documents: a word such as `<<EOF` stands for the document of that name. */
function sourcesOf(
  words: readonly string[],
  documents: readonly HereDocument[],
): Pick<CopyInstruction, "sources" | "inline"> {
  const byName = new Map(documents.map((one) => [one.name, one]));
  const sources: string[] = [];
  const inline: HereDocument[] = [];
  for (const word of words) {
    const opened = openingOf(word);
    const document = opened && byName.get(opened.name);
    if (document) inline.push(document);
    else sources.push(word);
  }
  return { sources, inline };
}
