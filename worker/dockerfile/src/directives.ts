import { trimStart } from "./characters.ts";
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
}

export const NO_DIRECTIVES: Directives = { escape: "\\", syntax: null, check: null };

const NAME = /^#[\t-\r ]*([a-zA-Z][a-zA-Z0-9]*)[\t-\r ]*=(.*)/;
const KNOWN = new Set(["escape", "syntax", "check"]);

interface Directive {
  readonly name: string;
  readonly value: string;
  readonly range: SourceRange;
}

/** Reads the directives at the head of the file; the first line that is not one ends them. */
export function readDirectives(lines: readonly string[], diagnostics: Diagnostics): Directives {
  const found = new Map<string, string>();
  // A first line such as #!/usr/bin/env is passed over, but not for `escape`.
  const isScript = lines[0]?.startsWith("#!") ?? false;
  for (const { name, value, range } of directivesAt(lines, isScript ? 1 : 0)) {
    if (found.has(name)) {
      const message = `The parser directive "${name}" may be given once only.`;
      diagnostics.error("directive-duplicate", range, message);
    } else if (name === "escape" && value !== "\\" && value !== "`") {
      const message = `"escape" must be \\ or \`, not "${value.slice(0, 64)}".`;
      diagnostics.error("directive-invalid", range, message);
    } else found.set(name, value);
  }
  return {
    escape: found.get("escape") === "`" && !isScript ? "`" : "\\",
    syntax: found.get("syntax") ?? null,
    check: found.get("check") ?? null,
  };
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
