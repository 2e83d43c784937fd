import { compileGlob } from "./glob.ts";

export type PatternOperator = "#" | "##" | "%" | "%%" | "/" | "//";

/** Bound of the work that one expansion may take: value² × pattern, in characters. */
const MAX_COST = 50_000_000;

/**
 * `${name#pattern}` and its kin: takes the shortest or longest match off the start (#, ##) or the end (%, %%), or
 * replaces the first or every match (/, //). `*` and `?` are wildcards. null when it would take too long.
 */
export function expandPattern(value: string, operator: PatternOperator, word: string): string | null {
  if (value.length ** 2 * word.length > MAX_COST) return null;
  if (operator === "/" || operator === "//") return replace(value, word, operator === "//");
  const glob = compileGlob(word, "text");
  const longest = operator.length === 2;
  if (operator.startsWith("#")) {
    const match = glob.matchAt(value, 0);
    return match ? value.slice(longest ? match.longest : match.shortest) : value;
  }
  for (let step = 0; step <= value.length; step += 1) {
    const at = longest ? step : value.length - step;
    if (glob.matches(value.slice(at))) return value.slice(0, at);
  }
  return value;
}

function replace(value: string, word: string, every: boolean): string {
  const slash = word.indexOf("/");
  const pattern = slash < 0 ? word : word.slice(0, slash);
  const replacement = slash < 0 ? "" : word.slice(slash + 1);
  const glob = compileGlob(pattern, "text");
  let result = "";
  let at = 0;
  while (at < value.length) {
    const match = glob.matchAt(value, at);
    if (!match || match.longest === at) {
      result += value[at] ?? "";
      at += 1;
      continue;
    }
    result += replacement;
    at = match.longest;
    if (!every) break;
  }
  return result + value.slice(at);
}
