import { trimSpace } from "./characters.ts";
import { compileGlob, type Glob, globProblem } from "./glob.ts";

/** A line of an ignore file that is followed. */
export interface IgnoreRule {
  /** From 1. */
  readonly line: number;
  /** As it counts: `!` in front brings back. */
  readonly pattern: string;
}

interface Rule extends IgnoreRule {
  readonly glob: Glob;
  readonly negated: boolean;
}

/** A line of an ignore file that can't be followed. BuildKit ends the build there. */
export interface IgnoreProblem {
  /** From 1. */
  readonly line: number;
  readonly message: string;
}

/** Patterns that are read from one file. */
export const MAX_IGNORE_RULES = 2000;
/** Characters of all patterns of one file: they say how long it takes to judge a path. */
export const MAX_IGNORE_CHARACTERS = 64 * 1024;
/** Longest pattern; longer than any path of a file system. */
export const MAX_IGNORE_PATTERN_CHARACTERS = 4096;

/**
 * A `.dockerignore` file with Docker's matching rules (moby/patternmatcher): the last pattern that matches the path
 * or one of its parents decides, `!` brings back what an earlier pattern left out. Never throws: lines that can't be
 * followed are in `problems` and left out.
 */
export class IgnoreFile {
  readonly problems: readonly IgnoreProblem[];
  readonly #rules: readonly Rule[];

  /** The text of a file, or patterns as such (`COPY --exclude`), which know no comments. */
  constructor(source: string | readonly string[]) {
    const rules: Rule[] = [];
    const problems: IgnoreProblem[] = [];
    let characters = 0;
    const isFile = typeof source === "string";
    const lines = isFile ? source.replace(/^\uFEFF/, "").split("\n") : source;
    for (const [index, line] of lines.entries()) {
      const pattern = isFile ? patternOf(line) : line;
      const parsed = pattern === null ? null : parseRule(pattern, index + 1);
      if (parsed === null) continue;
      characters += line.length;
      if (rules.length === MAX_IGNORE_RULES || characters > MAX_IGNORE_CHARACTERS) {
        const message = `more than ${MAX_IGNORE_RULES} patterns or ${MAX_IGNORE_CHARACTERS} characters`;
        problems.push({ line: index + 1, message });
        break;
      }
      if (typeof parsed === "string") problems.push({ line: index + 1, message: parsed });
      else rules.push(parsed);
    }
    this.#rules = rules;
    this.problems = problems;
  }

  /** True when the path (relative to the context, without a slash at its ends) is left out. */
  ignores(path: string): boolean {
    return this.judge(path).ignored;
  }

  /** As `ignores`, with the rule that decided; null where none did. */
  judge(path: string): { readonly ignored: boolean; readonly rule: IgnoreRule | null } {
    let ignored = false;
    let decisive: Rule | null = null;
    for (const rule of this.#rules) {
      if (ignored === !rule.negated) continue;
      if (!rule.glob.matchesPathOrParent(path)) continue;
      ignored = !rule.negated;
      decisive = rule;
    }
    return { ignored, rule: decisive };
  }

  /** True when something below an ignored directory may be brought back, so that it must be looked at. */
  get hasExceptions(): boolean {
    return this.#rules.some(({ negated }) => negated);
  }
}

/**
 * Names of the ignore files that may belong to a Dockerfile, the first one that exists counts: its own, beside it,
 * and the context's (https://docs.docker.com/build/concepts/context/#filename-and-location).
 */
export const ignoreFileNames = (dockerfile: string): readonly [string, string] => [
  `${dockerfile}.dockerignore`,
  ".dockerignore",
];

/**
 * A line of an ignore file as a pattern, or null for lines that hold none (ReadAll of BuildKit's
 * frontend/dockerfile/dockerignore): a slash in front is the context's root, and goes.
 */
function patternOf(line: string): string | null {
  if (line.startsWith("#")) return null;
  const written = trimSpace(line);
  if (written === "") return null;
  const mark = written.startsWith("!") ? "!" : "";
  const rest = trimSpace(written.slice(mark.length));
  const path = rest === "" ? "" : cleanPath(rest);
  return mark + (path.length > 1 && path.startsWith("/") ? path.slice(1) : path);
}

/** A rule, what is wrong with it, or null for an empty pattern (New of moby/patternmatcher). */
function parseRule(written: string, line: number): Rule | string | null {
  const trimmed = trimSpace(written);
  if (trimmed === "") return null;
  const cleaned = cleanPath(trimmed);
  const negated = cleaned.startsWith("!");
  const pattern = negated ? cleaned.slice(1) : cleaned;
  if (pattern === "") return 'illegal exclusion pattern: "!"';
  if (pattern.length > MAX_IGNORE_PATTERN_CHARACTERS) {
    return `a pattern has at most ${MAX_IGNORE_PATTERN_CHARACTERS} characters`;
  }
  const problem = globProblem(pattern);
  if (problem !== null) return `syntax error in pattern "${pattern.slice(0, 64)}": ${problem}`;
  return { line, pattern: cleaned, glob: compileGlob(pattern, "ignore"), negated };
}

/** Go's filepath.Clean. What leads out of the context keeps its `..`, and matches nothing. */
function cleanPath(path: string): string {
  const isRooted = path.startsWith("/");
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    const isOutside = parts.length === 0 || parts.at(-1) === "..";
    if (part !== ".." || (isOutside && !isRooted)) parts.push(part);
    else parts.pop();
  }
  return (isRooted ? "/" : "") + parts.join("/") || ".";
}
