import type { Command, Instruction } from "../instructions.ts";
import type { Entry } from "../parser.ts";
import type { DockerfileText } from "./dockerfile-text.ts";

/** Shells that take any white space between words for the same. */
const PLAIN_SHELL = /(?:^|\/)(?:sh|ash|bash|dash|ksh|zsh)$/;

/**
 * What a line of quotes alone does not tell: command substitution and parameters with white space in them, quotes of bash, and
 * anything of that kind within double quotes.
 */
const SUBTLE = /`|\$'|\$"|\$\{[^}]*[\t ]|"[^"]*\$[({]/;

/**
 * Continued lines of an instruction whose indentation means nothing: it stands between two words, outside of quotes, of an
 * instruction that doesn't keep its white space.
 */
export function freeIndents(text: DockerfileText, entry: Entry, instruction: Instruction): Set<number> {
  const free = new Set<number>();
  const { map, range } = entry.line;
  const isEscapeOther = text.dockerfile.directives.escape !== "\\";
  if (map.lastLine === range.startLine || isEscapeOther || !isLoose(text, instruction)) return free;
  const scanner = new WordScanner(entry.line.text);
  for (let line = range.startLine + 1; line <= map.lastLine; line += 1) {
    const offset = map.offsetAt(line, 1);
    if (offset === null || offset >= entry.line.text.length) continue;
    const before = scanner.at(offset);
    const startsWithSpace = /[\t ]/.test(entry.line.text[offset] ?? "");
    if (before === "between" || (before === "word" && startsWithSpace)) free.add(line);
  }
  return free;
}

/** True where white space between words does no more than separate them. */
function isLoose(text: DockerfileText, instruction: Instruction): boolean {
  switch (instruction.kind) {
    case "from":
    case "copy":
    case "add":
    case "expose":
    case "volume":
    case "arg":
    case "shell":
      return true;
    case "env":
    case "label":
      return !instruction.oldForm;
    case "run":
    case "cmd":
    case "entrypoint":
      return isLooseCommand(text, instruction.command, instruction.text);
    case "healthcheck":
      return instruction.command === null || isLooseCommand(text, instruction.command, instruction.text);
    // The whole rest of the line is their value.
    case "user":
    case "workdir":
    case "stopsignal":
    case "maintainer":
    case "onbuild":
      return false;
  }
}

function isLooseCommand({ dockerfile }: DockerfileText, command: Command, written: string): boolean {
  if (command.form === "exec") return true;
  const shells = dockerfile.instructions.flatMap((one) => (one.kind === "shell" ? [one.shell[0] ?? ""] : []));
  return shells.every((shell) => PLAIN_SHELL.test(shell)) && !SUBTLE.test(written);
}

/** Goes through a text once, and says at rising offsets what stands right before them. */
class WordScanner {
  readonly #text: string;
  #at = 0;
  #quote: string | null = null;
  #state: "between" | "word" = "between";
  /** The character at `#at` is escaped. */
  #isEscaped = false;

  constructor(text: string) {
    this.#text = text;
  }

  at(offset: number): "between" | "word" | "quoted" {
    for (; this.#at < offset; this.#at += 1) this.#take(this.#text[this.#at] ?? "");
    return this.#quote !== null || this.#isEscaped ? "quoted" : this.#state;
  }

  #take(character: string): void {
    if (this.#isEscaped) {
      this.#isEscaped = false;
      this.#state = "word";
    } else if (character === "\\" && this.#quote !== "'") this.#isEscaped = true;
    else if (this.#quote !== null) {
      if (character === this.#quote) this.#quote = null;
      this.#state = "word";
    } else if (character === "'" || character === '"') this.#quote = character;
    else this.#state = /[\t\v\f\r ]/.test(character) ? "between" : "word";
  }
}
