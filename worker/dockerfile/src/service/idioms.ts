import type { Keyword } from "../keywords.ts";
import type { Entry } from "../parser.ts";
import type { Parts } from "./dockerfile-text.ts";
import type { Idiom } from "./topics.ts";

interface Pattern {
  readonly idiom: Idiom;
  readonly keywords: readonly Keyword[];
  /** Global, and without anything that takes long on a hostile line. */
  readonly pattern: RegExp;
}

const COMMANDS = ["RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK"] as const;
const STARTS = ["CMD", "ENTRYPOINT"] as const;
const COPIES = ["COPY", "ADD"] as const;

/** Of patterns that match one place, the last one counts. */
const PATTERNS: readonly Pattern[] = [
  { idiom: "shell-form", keywords: STARTS, pattern: /^(?!\[).+$/gs },
  { idiom: "exec-form", keywords: [...COMMANDS, "SHELL"], pattern: /^\[.*\]$/gs },
  { idiom: "and-chain", keywords: ["RUN"], pattern: /&&/g },
  { idiom: "apt-get-update", keywords: ["RUN"], pattern: /\bapt(?:-get)? update\b/g },
  { idiom: "apt-get-install", keywords: ["RUN"], pattern: /\bapt(?:-get)? install\b/g },
  { idiom: "no-install-recommends", keywords: ["RUN"], pattern: /--no-install-recommends\b/g },
  { idiom: "remove-apt-lists", keywords: ["RUN"], pattern: /\brm -rf? \/var\/lib\/apt\/lists\/\*/g },
  { idiom: "apk-add", keywords: ["RUN"], pattern: /\bapk add(?: --no-cache\b)?/g },
  { idiom: "pip-install", keywords: ["RUN"], pattern: /\bpip3? install(?: --no-cache-dir\b)?/g },
  { idiom: "npm-install", keywords: ["RUN"], pattern: /\bnpm (?:ci|install)\b/g },
  { idiom: "set-options", keywords: ["RUN"], pattern: /\bset -[eux]+\b/g },
  { idiom: "pipefail", keywords: ["RUN", "SHELL"], pattern: /\bpipefail\b/g },
  {
    idiom: "curl-to-shell",
    keywords: ["RUN"],
    pattern: /\b(?:curl|wget)\b[^|;&]{0,500}\|\s{0,8}(?:ba|da)?sh\b/g,
  },
  { idiom: "chmod-executable", keywords: ["RUN"], pattern: /\bchmod \S{0,8}\+x\b/g },
  { idiom: "chmod-everything", keywords: ["RUN"], pattern: /\bchmod (?:-R )?0?777\b/g },
  { idiom: "add-user", keywords: ["RUN"], pattern: /\b(?:useradd|adduser)\b/g },
  { idiom: "copy-everything", keywords: COPIES, pattern: /(?<=^|\s)\.\/?(?=\s)/g },
  {
    idiom: "copy-manifest",
    keywords: COPIES,
    pattern:
      /\b(?:package(?:-lock|\*)?\.json|requirements\.txt|go\.(?:mod|sum)|Cargo\.(?:toml|lock)|Gemfile|pom\.xml)/g,
  },
  { idiom: "add-url", keywords: ["ADD"], pattern: /\b(?:https?|git):\/\/\S+/g },
  { idiom: "latest-tag", keywords: ["FROM"], pattern: /^[^\s:@]+(?::latest)?(?=\s|$)/g },
  { idiom: "digest", keywords: ["FROM"], pattern: /^\S+@sha256:\S*/g },
  { idiom: "scratch", keywords: ["FROM"], pattern: /^scratch(?=\s|$)/g },
  { idiom: "here-document", keywords: ["RUN", "COPY", "ADD"], pattern: /<<-?\s?["']?\w+["']?/g },
  { idiom: "exec-arguments", keywords: COMMANDS, pattern: /\bexec "\$@"/g },
  { idiom: "nginx-foreground", keywords: STARTS, pattern: /daemon off;/g },
  { idiom: "non-interactive", keywords: ["ENV", "ARG", "RUN"], pattern: /\bDEBIAN_FRONTEND\b/g },
  { idiom: "unbuffered-python", keywords: ["ENV"], pattern: /\bPYTHONUNBUFFERED\b/g },
  { idiom: "secret-file", keywords: ["RUN"], pattern: /\/run\/secrets\/\S+/g },
];

export interface FoundIdiom {
  readonly topic: `idiom:${Idiom}`;
  /** Offsets in the logical line's text. */
  readonly start: number;
  readonly end: number;
}

/** The idioms of an instruction; what covers more comes first. */
export function idiomsIn({ line }: Entry, { known, rest }: Parts): FoundIdiom[] {
  if (known === null) return [];
  const text = line.text.slice(rest);
  return PATTERNS.filter(({ keywords }) => keywords.includes(known)).flatMap(({ idiom, pattern }) =>
    [...text.matchAll(pattern)].map((match) => ({
      topic: `idiom:${idiom}` as const,
      start: rest + match.index,
      end: rest + match.index + match[0].length,
    })),
  );
}
