import { expect, test } from "vitest";
import { stageGraph } from "./stage-graph.ts";
import type { StageGroup } from "./stage-groups.ts";

const group = (name: string, ...needs: string[]): StageGroup => ({
  name,
  needs,
  steps: [],
  state: "idle",
  done: 0,
});
const placed = (...groups: StageGroup[]) =>
  stageGraph(groups).nodes.map(({ group: { name }, column, row }) => `${name} ${column}.${row}`);

test("stages that need nothing of each other share a column, and a stage stands after all that it waits for", () => {
  const groups = [group("api"), group("web"), group("tests", "api"), group("3", "web", "tests")];
  expect(placed(...groups)).toEqual(["api 0.0", "web 0.1", "tests 1.0", "3 2.0"]);
  expect(stageGraph(groups)).toMatchObject({
    columns: 3,
    rows: 2,
    edges: [
      [0, 2],
      [1, 3],
      [2, 3],
    ],
  });
});

test("a need that is no stage before it is left out", () => {
  expect(stageGraph([group("a", "a", "b", "nowhere"), group("b")]).edges).toEqual([]);
});
