import { ExpansionError, expandNoting, type NotedExpansion, type Variables } from "../expansion.ts";
import type { ArgInstruction, FromInstruction, Instruction } from "../instructions.ts";
import { suggest } from "../keywords.ts";
import type { Dockerfile } from "../parser.ts";
import { normalisePlatform } from "../platform.ts";
import { isImageReference } from "../reference.ts";
import type { Reporter } from "./reporter.ts";

/** Arguments that may be looked at for a suggestion. */
const MAX_CANDIDATES = 500;

/** Checks of the image and the platform that FROM names. `globalArgs` are the values that the build has for them. */
export function checkFroms(
  { directives, instructions }: Dockerfile,
  scope: { readonly globalArgs: Variables; readonly predefined: Variables; readonly platform: string },
  reporter: Reporter,
): void {
  const { escape } = directives;
  const globals = globalArgInstructions(instructions);
  const known = new Set([
    ...scope.globalArgs.keys(),
    ...globals.flatMap(({ args }) => args.map(({ name }) => name)),
  ]);
  const defaults = defaultValues(globals, scope.predefined, escape);
  const stageNames = new Set<string>();
  for (const from of instructions) {
    if (from.kind !== "from") continue;
    const image = attempt(from.image, scope.globalArgs, escape);
    if (image !== null) reportUnknown(from, image.unmatched, known, reporter);
    checkPlatform(from, { ...scope, known, escape }, reporter);
    const byDefault = defaults && attempt(from.image, defaults, escape);
    if (byDefault && !stageNames.has(byDefault.text.toLowerCase()) && !isImageReference(byDefault.text)) {
      const message = `Default value for ARG ${from.image} results in empty or invalid base image name`;
      reporter.report("InvalidDefaultArgInFrom", from, message);
    }
    if (from.stageName !== null) stageNames.add(from.stageName);
  }
}

/** null where the text can't be expanded, which is an error of the build and no check's matter. */
function attempt(text: string, variables: Variables, escape: string): NotedExpansion | null {
  try {
    return expandNoting(text, variables, escape);
  } catch (error) {
    if (error instanceof ExpansionError) return null;
    throw error;
  }
}

function globalArgInstructions(instructions: readonly Instruction[]): ArgInstruction[] {
  const first = instructions.findIndex(({ kind }) => kind === "from");
  return instructions.slice(0, Math.max(0, first)).filter((one) => one.kind === "arg");
}

/** Global arguments as they are where no build argument is given; null where one can't be expanded. */
function defaultValues(
  globals: readonly ArgInstruction[],
  predefined: Variables,
  escape: string,
): Variables | null {
  const values = new Map(predefined);
  for (const { name, value } of globals.flatMap(({ args }) => args)) {
    const expanded = value === null ? null : attempt(value, values, escape);
    if (value !== null && expanded === null) return null;
    if (expanded !== null) values.set(name, expanded.text);
  }
  return values;
}

function reportUnknown(
  from: FromInstruction,
  unmatched: ReadonlySet<string>,
  known: ReadonlySet<string>,
  reporter: Reporter,
): void {
  for (const name of unmatched) {
    if (reporter.isFull) return;
    if (known.has(name)) continue;
    const near = suggest(name, [...known].slice(-MAX_CANDIDATES));
    const hint = near === null ? "" : ` (did you mean ${near}?)`;
    const message = `FROM argument '${name.slice(0, 200)}' is not declared${hint}`;
    reporter.report("UndefinedArgInFrom", from, message, near);
  }
}

function checkPlatform(
  from: FromInstruction,
  scope: {
    readonly globalArgs: Variables;
    readonly known: ReadonlySet<string>;
    readonly platform: string;
    readonly escape: string;
  },
  reporter: Reporter,
): void {
  if (from.platform === null) return;
  const expanded = attempt(from.platform, scope.globalArgs, scope.escape);
  if (expanded === null) return;
  const { text, matched, unmatched } = expanded;
  reportUnknown(from, unmatched, scope.known, reporter);
  if (unmatched.size === 0 && matched.size === 1 && matched.has("TARGETPLATFORM")) {
    if (text !== scope.globalArgs.get("TARGETPLATFORM")) return;
    const message = `Setting platform to predefined ${from.platform} in FROM is redundant as this is the default behavior`;
    reporter.report("RedundantTargetPlatform", from, message);
  }
  if (matched.size > 0 || unmatched.size > 0) return;
  const [system, architecture] = normalisePlatform(text, scope.platform)?.split("/") ?? [];
  if (system === undefined || architecture === undefined) return;
  const name = from.stageName ?? "";
  if (name.includes(system) || name.includes(architecture)) return;
  const message = `FROM --platform flag should not use constant value "${text}"`;
  reporter.report("FromPlatformFlagConstDisallowed", from, message);
}
