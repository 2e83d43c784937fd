import type { PlanStage } from "@slipway/protocol";
import { expect, test } from "vitest";
import type { Progress, Step } from "./build-log.ts";
import { noOutput } from "./output.ts";
import { stageGroups } from "./stage-groups.ts";

const range = { startLine: 1, startColumn: 1, endLine: 1, endColumn: 1 };
const cause = { miss: { reason: "first-time" }, shared: false } as const;
const PROGRESS: Record<Progress["state"], Progress> = {
  waiting: { state: "waiting" },
  cached: { state: "cached", hit: "unchanged", bytesAdded: null, files: null },
  running: { state: "running", cause },
  finished: { state: "finished", cause, durationMs: 1, bytesAdded: 0, filesChanged: 0, files: null },
  failed: { state: "failed", cause },
  skipped: { state: "skipped" },
};
const stepsOf = (...steps: [stage: string, state: Progress["state"]][]): Step[] =>
  steps.map(([stage, state], index) => ({
    index,
    stage,
    text: "",
    range,
    progress: PROGRESS[state],
    pull: null,
    output: noOutput(),
  }));
const stages = (...names: string[]): PlanStage[] => names.map((name) => ({ name, needs: [] }));

test("steps stand with their stage, in the order of the plan, wherever they came in the stream", () => {
  const steps = stepsOf(["web", "finished"], ["api", "running"], ["web", "running"], ["2", "waiting"]);
  const groups = stageGroups({
    stages: [...stages("api", "web"), { name: "2", needs: ["api", "web"] }],
    steps,
  });
  expect(groups.map(({ name, steps: own }) => [name, own.map(({ index }) => index)])).toEqual([
    ["api", [1]],
    ["web", [0, 2]],
    ["2", [3]],
  ]);
  expect(groups.map(({ state, done }) => [state, done])).toEqual([
    ["busy", 0],
    ["busy", 1],
    ["idle", 0],
  ]);
  expect(groups[2]?.needs).toEqual(["api", "web"]);
});

test.each([
  [["finished", "failed", "skipped"], "failed"],
  [["cached", "finished"], "done"],
  [["cached", "waiting"], "idle"],
  [["finished", "skipped"], "stopped"],
  [["finished", "running", "waiting"], "busy"],
] as const)("a stage of %j is %s", (states, expected) => {
  const steps = stepsOf(...states.map((state) => ["only", state] as [string, Progress["state"]]));
  expect(stageGroups({ stages: stages("only"), steps })[0]?.state).toBe(expected);
});

test("a plan without stages is one group", () => {
  const groups = stageGroups({ stages: [], steps: stepsOf(["", "cached"], ["", "finished"]) });
  expect(groups).toMatchObject([{ name: "", done: 2, state: "done" }]);
});
