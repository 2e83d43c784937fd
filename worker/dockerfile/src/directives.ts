import { trimSpace, trimStart } from "./characters.ts";
import type { Diagnostics } from "./diagnostics.ts";
import type { SourceRange } from "./source.ts";

/**
 * Parser directives: `# name=value` lines before anything else in the file.
 * Source: https://docs.docker.com/reference/dockerfile/#parser-directives
 */
export interface Directives {
  /** The character that continues lines and takes a character's special meaning away. */
  readonly escape: "\\" | "`";
  readonly syntax: string | null;
  readonly check: string | null;
  readonly checkRange: SourceRange | null;
  /** Lines at the head of the file that are directives. */
  readonly lines: number;
}

export const NO_DIRECTIVES: Directives = {
  escape: "\\",
  syntax: null,
  check: null,
  checkRange: null,
  lines: 0,
};

const NAME = /^#[\t-\r ]*([a-zA-Z][a-zA-Z0-9]*)[\t-\r ]*=(.*)/;
/** A doubled character counts as one: files that were written for the classic builder have it. */
const ESCAPE = /^(?:\\\\?|``?)$/;
const KNOWN = new Set(["escape", "syntax", "check"]);

interface Directive {
  readonly name: string;
  readonly value: string;
  readonly range: SourceRange;
}

/** Reads the directives at the head of the file; the first line that is not one ends them. */
export function readDirectives(lines: readonly string[], diagnostics: Diagnostics): Directives {
  const found = new Map<string, Directive>();
  let last = 0;
  // A first line such as #!/usr/bin/env is passed over, but not for `escape`.
  const isScript = lines[0]?.startsWith("#!") ?? false;
  for (const directive of directivesAt(lines, isScript ? 1 : 0)) {
    const { name, value, range } = directive;
    last = range.endLine;
    if (found.has(name)) {
      const message = `The parser directive "${name}" may be given once only.`;
      diagnostics.error("directive-duplicate", range, message);
    } else if (name === "escape" && !ESCAPE.test(value)) {
      const message = `"escape" must be \\ or \`, not "${value.slice(0, 64)}".`;
      diagnostics.error("directive-invalid", range, message);
    } else found.set(name, directive);
  }
  return {
    escape: found.get("escape")?.value.startsWith("`") && !isScript ? "`" : "\\",
    syntax: found.get("syntax")?.value ?? null,
    check: found.get("check")?.value ?? null,
    checkRange: found.get("check")?.range ?? null,
    lines: last,
  };
}

/** The value of a comment that has the form of a directive, `check=skip=…`; null where it has another. */
export function directiveIn(comment: string, name: string): string | null {
  const match = NAME.exec(`#${comment}`);
  return match?.[1]?.toLowerCase() === name ? trimSpace(match[2] ?? "") || null : null;
}

function* directivesAt(lines: readonly string[], from: number): Generator<Directive> {
  for (let index = from; index < lines.length; index += 1) {
    const line = (lines[index] ?? "").trimEnd();
    const match = NAME.exec(trimStart(line));
    const name = match?.[1]?.toLowerCase() ?? "";
    const value = match?.[2]?.trim() ?? "";
    if (!KNOWN.has(name) || value === "") return;
    const number = index + 1;
    const startColumn = line.length - trimStart(line).length + 1;
    yield { name, value, range: { startLine: number, startColumn, endLine: number, endColumn: line.length } };
  }
}
