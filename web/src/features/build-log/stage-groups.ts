import type { BuildLog, Step } from "./build-log.ts";

/** `idle`: it has not begun, or waits for another stage. `busy`: a step of it runs. */
export type StageState = "idle" | "busy" | "done" | "failed" | "stopped";

/** The steps of one stage, in their order. */
export interface StageGroup {
  /** Its name, or its number as written in COPY --from where it has none; "" in builds that have no stages. */
  readonly name: string;
  /** Stages that must be there before. */
  readonly needs: readonly string[];
  readonly steps: readonly Step[];
  readonly state: StageState;
  /** Steps that have a result. */
  readonly done: number;
}

/** The steps by stage, in the order of the plan. Steps of stages that the plan does not name come last, together. */
export function stageGroups(log: Pick<BuildLog, "stages" | "steps">): StageGroup[] {
  const named = log.stages.map(({ name, needs }) => ({
    name,
    needs,
    steps: log.steps.filter(({ stage }) => stage === name),
  }));
  const known = new Set(log.stages.map(({ name }) => name));
  const rest = { name: "", needs: [], steps: log.steps.filter(({ stage }) => !known.has(stage)) };
  return [...named, rest]
    .filter(({ steps }) => steps.length > 0)
    .map((group) => ({ ...group, state: stateOf(group.steps), done: group.steps.filter(hasResult).length }));
}

const hasResult = ({ progress }: Step): boolean =>
  progress.state === "cached" || progress.state === "finished";

function stateOf(steps: readonly Step[]): StageState {
  const has = (state: Step["progress"]["state"]) => steps.some(({ progress }) => progress.state === state);
  if (has("failed")) return "failed";
  if (has("running")) return "busy";
  if (steps.every(hasResult)) return "done";
  return has("skipped") ? "stopped" : "idle";
}

/** True for what a stage without a name is called: its number. */
export const isNumbered = (name: string): boolean => /^\d+$/.test(name);

/** Where the page shows a stage. */
export const stageAnchor = (name: string): string => `stage-${encodeURIComponent(name)}`;
