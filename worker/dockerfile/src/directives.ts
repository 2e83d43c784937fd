import type { Diagnostics } from "./diagnostics.ts";

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

const DIRECTIVE = /^#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*$/;
const KNOWN = new Set(["escape", "syntax", "check"]);

/** Reads the directives at the head of the file; the first line that is not one ends them. */
export function readDirectives(lines: readonly string[], diagnostics: Diagnostics): Directives {
  const found = new Map<string, string>();
  for (const [index, line] of lines.entries()) {
    const match = DIRECTIVE.exec(line.trimStart());
    const name = match?.[1]?.toLowerCase();
    const value = match?.[2];
    if (name === undefined || value === undefined || !KNOWN.has(name)) break;
    const range = {
      startLine: index + 1,
      startColumn: 1,
      endLine: index + 1,
      endColumn: Math.max(1, line.length),
    };
    if (found.has(name)) {
      diagnostics.error(
        "directive-duplicate",
        range,
        `The parser directive "${name}" may be given once only.`,
      );
    }
    if (name === "escape" && value !== "\\" && value !== "`") {
      diagnostics.error("directive-invalid", range, `"escape" must be \\ or \`, not "${value}".`);
      continue;
    }
    found.set(name, value);
  }
  return {
    escape: found.get("escape") === "`" ? "`" : "\\",
    syntax: found.get("syntax") ?? null,
    check: found.get("check") ?? null,
  };
}
