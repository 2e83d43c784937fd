import { readFile } from "node:fs/promises";
import { errnoOf } from "../../content/atomic-file.ts";

/**
 * The operator's map of names that can't be had to names that can: lines `node:7 = node`, `#` starts a comment, `*` in
 * the left name stands for anything. The first line that matches counts. Read anew each time, so that it can be edited
 * while the worker runs.
 */
export async function mapReference(file: string, familiar: string): Promise<string | null> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return null;
    throw error;
  }
  return parseImageMap(text).find(({ pattern }) => pattern.matches(familiar))?.target ?? null;
}

export interface MapLine {
  readonly pattern: { matches(name: string): boolean };
  readonly target: string;
}

export function parseImageMap(text: string): MapLine[] {
  return text.split("\n").flatMap((line) => {
    const match = /^\s*([^#=\s]+)\s*=\s*([^#=\s]+)\s*(?:#.*)?$/.exec(line);
    return match?.[1] && match[2] ? [{ pattern: patternOf(match[1]), target: match[2] }] : [];
  });
}

function patternOf(glob: string): MapLine["pattern"] {
  const parts = glob.split("*").map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const expression = new RegExp(`^${parts.join(".*")}$`);
  return { matches: (name) => expression.test(name) };
}
