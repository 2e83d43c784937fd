import type { CopyInstruction } from "@slipway/dockerfile";
import type { HistoryEntry } from "./config.ts";
import type { CachedStep } from "./layer-cache.ts";
import type { Stage } from "./stage.ts";

/*
 * What `docker history` shows, in BuildKit's words (frontend/dockerfile/dockerfile2llb/convert.go, commitToHistory): RUN, COPY
 * and ADD end in "# buildkit", and WORKDIR does not.
 */

const COMMENT = "buildkit.dockerfile.v0";

/** A line of a history that is being made. */
export type HistoryItem =
  | { readonly kind: "base"; readonly entry: HistoryEntry }
  | { readonly kind: "metadata"; readonly text: string }
  | { readonly kind: "files"; readonly text: string; readonly result: Promise<CachedStep> };

/**
 * The history of an image. As in BuildKit (exporter/containerimage/writer.go, normalizeLayersAndHistory), a line without a
 * layer has the time of the layer before it; those before the first new layer have the time of that one.
 */
export async function finishedHistory(
  items: readonly HistoryItem[],
  fallback: string,
): Promise<HistoryEntry[]> {
  const entries: HistoryEntry[] = [];
  for (const item of items) {
    if (item.kind === "base") entries.push(item.entry);
    else if (item.kind === "metadata")
      entries.push({ created_by: item.text, comment: COMMENT, empty_layer: true });
    else {
      const { createdAt, layer } = await item.result;
      entries.push({
        created: createdAt,
        created_by: item.text,
        comment: COMMENT,
        ...(layer ? {} : { empty_layer: true }),
      });
    }
  }
  const firstWithout = entries.findIndex(({ created }) => created === undefined);
  const before = entries.slice(0, firstWithout).findLast(({ created }) => created !== undefined);
  const after = entries.slice(firstWithout).find(({ created }) => created !== undefined);
  let time = after?.created ?? before?.created ?? fallback;
  return entries.map((entry, index) => {
    if (entry.created !== undefined && index > firstWithout) time = entry.created;
    return entry.created === undefined ? { created: time, ...entry } : entry;
  });
}

/** `|1 A=b ` before the command says which build arguments it saw, with the values that they had by then. */
export function runText(args: readonly string[], stage: Stage): string {
  const variables = stage.variables;
  const buildArgs = [...stage.args].map(([name, value]) => `${name}=${variables.get(name) ?? value ?? ""}`);
  const prefix = buildArgs.length === 0 ? "" : `|${buildArgs.length} ${buildArgs.join(" ")} `;
  return `RUN ${prefix}${args.join(" ")} # buildkit`;
}

export function copyText(
  instruction: CopyInstruction,
  sources: readonly string[],
  destination: string,
): string {
  const flags = [
    ...(instruction.parents ? ["--parents"] : []),
    ...(instruction.chown === null ? [] : [`--chown=${instruction.chown}`]),
    ...(instruction.chmod === null ? [] : [`--chmod=${instruction.chmod}`]),
  ];
  return [instruction.kind.toUpperCase(), ...flags, ...sources, destination, "# buildkit"].join(" ");
}
