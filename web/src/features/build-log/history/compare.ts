import { align } from "@slipway/dockerfile";
import type { BuildLog, Progress, Step } from "../build-log.ts";
import { isNumbered, type StageGroup, stageGroups } from "../stage-groups.ts";

/** An instruction of the later build beside the one that it was in the earlier; one of them may be missing. */
export interface ComparedStep {
  readonly change: "same" | "rewritten" | "only-earlier" | "only-later";
  readonly earlier: Step | null;
  readonly later: Step | null;
  /** True when something of it is not as it was, be it only that it was cached. */
  readonly differs: boolean;
}

export interface ComparedStage {
  readonly name: string;
  readonly steps: readonly ComparedStep[];
}

/**
 * The stages of two builds, those of the later first, with their instructions side by side. Stages with a name are the same by it;
 * of those without one, the last is the same as the last, and so on upwards: their numbers change with every stage before them.
 */
export function compareBuilds(earlier: BuildLog, later: BuildLog): ComparedStage[] {
  const before = keyed(stageGroups(earlier));
  const now = keyed(stageGroups(later));
  return [
    ...[...now].map(([key, { name, steps }]) => ({
      name,
      steps: compareSteps(before.get(key)?.steps ?? [], steps),
    })),
    ...[...before]
      .filter(([key]) => !now.has(key))
      .map(([, { name, steps }]) => ({ name, steps: compareSteps(steps, []) })),
  ];
}

function keyed(groups: readonly StageGroup[]): Map<string, StageGroup> {
  const unnamed = groups.filter(({ name }) => isNumbered(name));
  return new Map(
    groups.map((group) => [
      isNumbered(group.name) ? `#${unnamed.length - unnamed.indexOf(group)}` : group.name,
      group,
    ]),
  );
}

function compareSteps(earlier: readonly Step[], later: readonly Step[]): ComparedStep[] {
  const partners = align(earlier.map(alignable), later.map(alignable));
  const compared: ComparedStep[] = [];
  let next = 0;
  const takenOut = (until: number) => {
    for (; next < until; next += 1) compared.push(comparedStep(earlier[next] ?? null, null));
  };
  for (const [index, step] of later.entries()) {
    const partner = partners[index] ?? null;
    if (partner !== null) takenOut(partner);
    compared.push(comparedStep(partner === null ? null : (earlier[partner] ?? null), step));
    if (partner !== null) next = partner + 1;
  }
  takenOut(earlier.length);
  return compared;
}

const alignable = ({ text }: Step) => ({ text, kind: text.slice(0, text.search(/\s|$/)).toUpperCase() });

function comparedStep(earlier: Step | null, later: Step | null): ComparedStep {
  const change = changeOf(earlier, later);
  const differs =
    change !== "same" || factsOf(earlier?.progress ?? null) !== factsOf(later?.progress ?? null);
  return { change, earlier, later, differs };
}

function changeOf(earlier: Step | null, later: Step | null): ComparedStep["change"] {
  if (earlier === null) return "only-later";
  if (later === null) return "only-earlier";
  return earlier.text === later.text ? "same" : "rewritten";
}

/** All of how a step went but the time that it took, which is never the same. */
function factsOf(progress: Progress | null): string {
  if (progress === null) return "";
  const size = "bytesAdded" in progress ? [progress.bytesAdded, progress.files] : [];
  return JSON.stringify([progress.state, ...size]);
}

/** Time of all steps that ran, and how many came from the cache. */
export function totalsOf({ steps }: BuildLog): { readonly durationMs: number; readonly cached: number } {
  return steps.reduce(
    (sum, { progress }) => ({
      durationMs: sum.durationMs + (progress.state === "finished" ? progress.durationMs : 0),
      cached: sum.cached + (progress.state === "cached" ? 1 : 0),
    }),
    { durationMs: 0, cached: 0 },
  );
}
