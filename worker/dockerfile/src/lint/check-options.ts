import { trimSpace } from "../characters.ts";

/** What a `check` directive asks for. */
export interface CheckOptions {
  /** Names of rules that don't run. */
  readonly skip: ReadonlySet<string> | "all";
  /** Experimental rules that run. */
  readonly experimental: ReadonlySet<string> | "all";
  /** Whether a warning makes the build fail. */
  readonly error: boolean;
}

export const DEFAULT_CHECK_OPTIONS: CheckOptions = { skip: new Set(), experimental: new Set(), error: false };

/**
 * Reads `skip=A,B;experimental=all;error=true`, or tells what is wrong with it. Source: ParseLintOptions in BuildKit's
 * frontend/dockerfile/linter/linter.go; what follows a space is no longer part of it, as there.
 */
export function parseCheckOptions(check: string | null): CheckOptions | string {
  const [text = ""] = (check ?? "").split(" ");
  if (text === "") return DEFAULT_CHECK_OPTIONS;
  let { skip, experimental, error }: CheckOptions = DEFAULT_CHECK_OPTIONS;
  for (const part of text.split(";")) {
    const equals = part.indexOf("=");
    const key = trimSpace(equals < 0 ? part : part.slice(0, equals));
    const value = trimSpace(part.slice(equals + 1));
    if (equals >= 0 && key === "skip") skip = namesOf(value);
    else if (equals >= 0 && key === "experimental") experimental = namesOf(value);
    else if (equals >= 0 && key === "error") {
      if (!/^(?:1|t|T|TRUE|true|True|0|f|F|FALSE|false|False)$/.test(value)) {
        return `failed to parse check option "${part.slice(0, 64)}": it is true or false`;
      }
      error = /^[1tT]/.test(value);
    } else return `invalid check option "${key.slice(0, 64)}": expected skip, experimental or error`;
  }
  return { skip, experimental, error };
}

function namesOf(value: string): ReadonlySet<string> | "all" {
  return value === "all" ? "all" : new Set(value.split(",").map(trimSpace));
}
