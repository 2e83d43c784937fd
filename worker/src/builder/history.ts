import type { CopyInstruction } from "@slipway/dockerfile";
import type { HistoryEntry } from "./config.ts";
import { type Stage, variablesOf } from "./stage.ts";

/*
 * What `docker history` shows, in BuildKit's words (frontend/dockerfile/dockerfile2llb/convert.go, commitToHistory):
 * steps that work on files end in "# buildkit".
 */

const COMMENT = "buildkit.dockerfile.v0";

export function historyEntry(
  created: string,
  text: string,
  hasLayer: boolean,
  workedOnFiles: boolean,
): HistoryEntry {
  return {
    created,
    created_by: workedOnFiles ? `${text} # buildkit` : text,
    comment: COMMENT,
    ...(hasLayer ? {} : { empty_layer: true }),
  };
}

/** `|1 A=b ` before the command says which build arguments it saw, with the values that they had by then. */
export function runText(args: readonly string[], stage: Stage): string {
  const variables = variablesOf(stage);
  const buildArgs = [...stage.args].map(([name, value]) => `${name}=${variables.get(name) ?? value ?? ""}`);
  const prefix = buildArgs.length === 0 ? "" : `|${buildArgs.length} ${buildArgs.join(" ")} `;
  return `RUN ${prefix}${args.join(" ")}`;
}

export function copyText(
  instruction: CopyInstruction,
  sources: readonly string[],
  destination: string,
): string {
  const flags = [
    ...(instruction.chown === null ? [] : [`--chown=${instruction.chown}`]),
    ...(instruction.chmod === null ? [] : [`--chmod=${instruction.chmod}`]),
  ];
  return [instruction.kind.toUpperCase(), ...flags, ...sources, destination].join(" ");
}

/** Go's `%q` of a list of strings, for ASCII and plain text: `["node" "app.js"]`. */
export function quotedList(items: readonly string[]): string {
  return `[${items.map((item) => JSON.stringify(item)).join(" ")}]`;
}
