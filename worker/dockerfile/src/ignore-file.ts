import { compileGlob, type Glob } from "./glob.ts";

interface Rule {
  readonly glob: Glob;
  readonly negated: boolean;
}

/** Patterns that are read from one file. */
const MAX_RULES = 1000;

/**
 * A `.dockerignore` file with Docker's matching rules (moby/patternmatcher): the last pattern that matches the path
 * or one of its parents decides, `!` brings back what an earlier pattern left out.
 */
export class IgnoreFile {
  readonly #rules: readonly Rule[];

  constructor(text: string) {
    this.#rules = text
      .replace(/^\uFEFF/, "")
      .split(/\r?\n/)
      .flatMap((line) => {
        const rule = parseRule(line);
        return rule ? [rule] : [];
      })
      .slice(0, MAX_RULES);
  }

  /** True when the path (relative to the context, without a slash at its ends) is left out. */
  ignores(path: string): boolean {
    let ignored = false;
    for (const { glob, negated } of this.#rules) {
      if (ignored === !negated) continue;
      if (glob.matchesPathOrParent(path)) ignored = !negated;
    }
    return ignored;
  }

  /** True when something below an ignored directory may be brought back, so that it must be looked at. */
  get hasExceptions(): boolean {
    return this.#rules.some(({ negated }) => negated);
  }
}

function parseRule(line: string): Rule | null {
  if (line.startsWith("#")) return null;
  let pattern = line.trim();
  if (pattern === "") return null;
  const negated = pattern.startsWith("!");
  if (negated) pattern = pattern.slice(1).trim();
  pattern = cleanPath(pattern);
  return pattern === "" ? null : { glob: compileGlob(pattern, "ignore"), negated };
}

/** As Go's filepath.Clean, without a slash in front. `.` and what leads out of the context becomes empty. */
function cleanPath(pattern: string): string {
  const parts: string[] = [];
  for (const part of pattern.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") {
      if (parts.pop() === undefined) return "";
    } else parts.push(part);
  }
  return parts.join("/");
}
