import { type HereDocument, hereDocumentText, type RunInstruction } from "@slipway/dockerfile";

/** Where a here-document that is a script of its own lies in the container, as in BuildKit. */
export const SCRIPT_DIRECTORY = "/dev/pipes";

export interface RunCommand {
  readonly args: readonly string[];
  /** A file that has to be in SCRIPT_DIRECTORY; null for none. */
  readonly script: { readonly name: string; readonly content: string } | null;
}

/** What a RUN starts: the words of the exec form, or the shell with the text. */
export function commandOf({ command }: RunInstruction, shell: readonly string[]): RunCommand {
  if (command.form === "exec") return { args: [...command.args], script: null };
  const { text, script } = textOf(command.script, command.hereDocuments);
  return { args: [...shell, text], script };
}

/**
 * The text for the shell. A line that is nothing but a here-document is that script, and one that names its interpreter is
 * a file that the shell starts; otherwise the shell itself reads the here-documents, as they stand after the line.
 */
function textOf(
  line: string,
  documents: readonly HereDocument[],
): { text: string; script: RunCommand["script"] } {
  const [first] = documents;
  if (!first) return { text: line, script: null };
  if (documents.length > 1 || !/^<<-?\s*(['"]?)[^\s'"]+\1$/.test(line.trim())) {
    return {
      text: line + documents.map(({ content, name }) => `\n${content}${name}`).join(""),
      script: null,
    };
  }
  const content = hereDocumentText(first);
  if (!content.startsWith("#!")) return { text: content, script: null };
  const name = first.name.replaceAll("/", "_");
  return { text: `${SCRIPT_DIRECTORY}/${name}`, script: { name, content } };
}
