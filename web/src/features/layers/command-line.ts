/** How entrypoint and command of an image make the line that a container runs (config.md of the OCI image spec). */
export type CommandKind = "both" | "entrypoint" | "command" | "none";

export interface CommandLine {
  readonly kind: CommandKind;
  readonly words: readonly string[];
  /** A shell starts it, because the instruction was no JSON list. */
  readonly isShellForm: boolean;
}

interface Parts {
  readonly entrypoint: readonly string[] | null;
  readonly cmd: readonly string[] | null;
}

const SHELLS = /(^|\/)(ba|da|a|z|k)?sh$/;

export function commandLine({ entrypoint, cmd }: Parts): CommandLine {
  const [first, second] = [entrypoint ?? [], cmd ?? []];
  const words = [...first, ...second];
  const kind =
    first.length > 0 ? (second.length > 0 ? "both" : "entrypoint") : second.length > 0 ? "command" : "none";
  return { kind, words, isShellForm: SHELLS.test(words[0] ?? "") && words[1] === "-c" && words.length > 2 };
}

const PLAIN = /^[\w@%+=:,./-]+$/;

/** Words as one would type them into a shell. */
export const typed = (words: readonly string[]): string =>
  words.map((word) => (PLAIN.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(" ");
