import { platformArgs } from "../lint/lint.ts";
import type { Entry } from "../parser.ts";
import type { DockerfileText } from "./dockerfile-text.ts";

export interface VisibleVariable {
  readonly name: string;
  /** As written; null where it has no value of its own. */
  readonly value: string | null;
  readonly source: "arg" | "env" | "predefined";
  /** Line of the instruction that sets it last; null for a predefined one. */
  readonly line: number | null;
}

/** Arguments that a stage has to declare before it sees them, and FROM sees at once. */
const PREDEFINED = [...platformArgs("linux/amd64").keys()];

/**
 * The variables that an instruction can use, the one set last first: those of its stage and of the stages that this stands
 * on, and before or in FROM the global arguments. Of a name the last setting counts.
 */
export function visibleVariables(text: DockerfileText, entry: Entry): VisibleVariable[] {
  const at = text.entries.indexOf(entry);
  const isFrom = /^from\b/i.test(entry.line.text);
  const firstFrom = text.entries.findIndex(({ instruction }) => instruction?.kind === "from");
  const globals = text.entries.slice(0, firstFrom < 0 ? at : Math.min(firstFrom, at)).flatMap(variablesOf);
  if (isFrom || firstFrom < 0 || at < firstFrom) return unique([...globals.reverse(), ...predefined()]);
  const own = stageVariables(text, at, new Set());
  const withGlobals = own.map((one) =>
    one.value === null && one.source === "arg"
      ? { ...one, value: globals.find(({ name }) => name === one.name)?.value ?? null }
      : one,
  );
  return unique(withGlobals.reverse());
}

/** Variables set before the entry in its stage, and before that those of the stage that it stands on. */
function stageVariables(text: DockerfileText, end: number, seen: Set<number>): VisibleVariable[] {
  let start = end - 1;
  while (start >= 0 && text.entries[start]?.instruction?.kind !== "from") start -= 1;
  const from = text.entries[start]?.instruction;
  const own = text.entries.slice(start + 1, end).flatMap(variablesOf);
  if (from?.kind !== "from" || seen.has(start)) return own;
  seen.add(start);
  const base = from.image.toLowerCase();
  const below = text.entries.findLastIndex(
    ({ instruction }, index) =>
      index < start && instruction?.kind === "from" && instruction.stageName === base,
  );
  if (below < 0) return own;
  let belowEnd = below + 1;
  while (belowEnd < start && text.entries[belowEnd]?.instruction?.kind !== "from") belowEnd += 1;
  return [...stageVariables(text, belowEnd, seen), ...own];
}

function variablesOf({ instruction, line }: Entry): VisibleVariable[] {
  const at = line.range.startLine;
  if (instruction?.kind === "arg") {
    return instruction.args.map(({ name, value }) => ({ name, value, source: "arg", line: at }));
  }
  if (instruction?.kind !== "env") return [];
  return instruction.pairs.map(({ key, value }) => ({ name: key, value, source: "env", line: at }));
}

const predefined = (): VisibleVariable[] =>
  PREDEFINED.map((name) => ({ name, value: null, source: "predefined", line: null }));

function unique(variables: readonly VisibleVariable[]): VisibleVariable[] {
  const found = new Map<string, VisibleVariable>();
  for (const one of variables) if (!found.has(one.name)) found.set(one.name, one);
  return [...found.values()];
}
