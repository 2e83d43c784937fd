import { isSpace, skipSpace } from "./characters.ts";
import type { Diagnostics } from "./diagnostics.ts";
import { type Keyword, suggest } from "./keywords.ts";
import type { LogicalLine } from "./lines.ts";
import type { SourceRange } from "./source.ts";

/** A flag of an instruction as written: `--name` or `--name=value`. */
export interface Flag {
  readonly name: string;
  /** null when written without `=`. */
  readonly value: string | null;
  /** Offsets in the logical line's text. */
  readonly start: number;
  readonly end: number;
}

type FlagType = "boolean" | "string" | "strings";

/** The flags of the Dockerfile reference 1.x. */
const FLAGS = {
  FROM: { platform: "string" },
  RUN: { mount: "strings", network: "string", security: "string", device: "strings" },
  COPY: {
    from: "string",
    chown: "string",
    chmod: "string",
    link: "boolean",
    parents: "boolean",
    exclude: "strings",
  },
  ADD: {
    chown: "string",
    chmod: "string",
    link: "boolean",
    exclude: "strings",
    checksum: "string",
    "keep-git-dir": "boolean",
    unpack: "boolean",
  },
  HEALTHCHECK: {
    interval: "string",
    timeout: "string",
    "start-period": "string",
    "start-interval": "string",
    retries: "string",
  },
} as const satisfies Partial<Record<Keyword, Readonly<Record<string, FlagType>>>>;

type WithFlags = keyof typeof FLAGS;
/** An instruction and one of its flags: `COPY.from`. */
export type FlagName = { [Key in WithFlags]: `${Key}.${keyof (typeof FLAGS)[Key] & string}` }[WithFlags];

/** The flags that an instruction has, by name. */
export const flagsOf = (keyword: Keyword): Readonly<Record<string, FlagType>> =>
  Object.hasOwn(FLAGS, keyword) ? FLAGS[keyword as WithFlags] : {};

/**
 * Takes the flags at the start of an instruction's arguments; `--` alone ends them. The backslash escapes here, whatever
 * the escape directive says. Source: extractBuilderFlags in BuildKit's frontend/dockerfile/parser/split_command.go.
 */
export function takeFlags(text: string, from: number): { flags: Flag[]; rest: number } {
  const flags: Flag[] = [];
  let at = skipSpace(text, from);
  while (text.startsWith("--", at)) {
    const { word, end } = takeWord(text, at);
    if (word === "--") {
      at = skipSpace(text, end);
      break;
    }
    const equals = word.indexOf("=");
    flags.push({
      name: equals < 0 ? word.slice(2) : word.slice(2, equals),
      value: equals < 0 ? null : word.slice(equals + 1),
      start: at,
      end,
    });
    at = skipSpace(text, end);
  }
  return { flags, rest: at };
}

function takeWord(text: string, from: number): { word: string; end: number } {
  const word: string[] = [];
  let quote: string | null = null;
  let at = from;
  for (; at < text.length; at += 1) {
    const character = text[at] ?? "";
    if (quote === null && isSpace(character)) break;
    if (character === "\\") {
      at += 1;
      word.push(text[at] ?? "");
    } else if (quote === null && (character === "'" || character === '"')) quote = character;
    else if (character === quote) quote = null;
    else word.push(character);
  }
  return { word: word.join(""), end: Math.min(at, text.length) };
}

/** Flags that are known to be good, by name. */
export class FlagValues {
  readonly #flags: readonly Flag[];
  readonly #line: LogicalLine;

  constructor(flags: readonly Flag[], line: LogicalLine) {
    this.#flags = flags;
    this.#line = line;
  }

  /** null where the flag is not given, or given as `--name=`. */
  text(name: string): string | null {
    return this.#flags.find((flag) => flag.name === name)?.value || null;
  }

  all(name: string): { value: string; range: SourceRange }[] {
    return this.#flags
      .filter((flag) => flag.name === name)
      .map((flag) => ({ value: flag.value ?? "", range: this.#line.map.range(flag.start, flag.end) }));
  }

  /** `--name`, `--name=true` and `--name=false`; null where it is not given. */
  boolean(name: string): boolean | null {
    const flag = this.#flags.find((one) => one.name === name);
    return flag === undefined ? null : (flag.value ?? "true").toLowerCase() === "true";
  }

  range(name: string): SourceRange {
    const flag = this.#flags.find((one) => one.name === name);
    return flag === undefined ? this.#line.range : this.#line.map.range(flag.start, flag.end);
  }
}

/** Checks the flags of a line against those that its instruction has. null when one is wrong, with a diagnostic. */
export function checkFlags(
  keyword: Keyword,
  line: LogicalLine,
  flags: readonly Flag[],
  diagnostics: Diagnostics,
): FlagValues | null {
  const known = flagsOf(keyword);
  const seen = new Set<string>();
  let good = true;
  for (const flag of flags) {
    const type = Object.hasOwn(known, flag.name) ? known[flag.name] : undefined;
    const range = line.map.range(flag.start, flag.end);
    if (type === undefined) {
      const near = suggest(flag.name, Object.keys(known));
      const hint = near === null ? "" : ` Did you mean --${near}?`;
      const message = `${keyword} has no flag --${flag.name.slice(0, 64)}.${hint}`;
      diagnostics.error("flag-unknown", range, message, near === null ? null : `--${near}`);
      good = false;
      continue;
    }
    const problem = flagProblem(flag, type, seen.has(flag.name));
    if (problem !== null) {
      diagnostics.error("flag-invalid", range, `${keyword} --${flag.name} ${problem}.`);
      good = false;
    }
    seen.add(flag.name);
  }
  return good ? new FlagValues(flags, line) : null;
}

function flagProblem(flag: Flag, type: FlagType, isRepeated: boolean): string | null {
  if (isRepeated && type !== "strings") return "is given twice";
  if (type !== "boolean") return flag.value === null ? "needs a value" : null;
  if (flag.value === null || /^(true|false)$/i.test(flag.value)) return null;
  return flag.value === "" ? "needs a value" : "is either true or false";
}
