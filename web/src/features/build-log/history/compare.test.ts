import { expect, test } from "vitest";
import { type BuildLog, EMPTY_BUILD_LOG, type Progress } from "../build-log.ts";
import { noOutput } from "../output.ts";
import { compareBuilds, totalsOf } from "./compare.ts";

const range = { startLine: 1, startColumn: 1, endLine: 1, endColumn: 1 };
const ran = (bytesAdded = 1, durationMs = 5): Progress => ({
  state: "finished",
  cause: null,
  durationMs,
  bytesAdded,
  filesChanged: 1,
  files: { added: 1, changed: 0, removed: 0 },
});
const cached: Progress = { state: "cached", hit: "unchanged", bytesAdded: 1, files: null };

const built = (...steps: [stage: string, text: string, progress?: Progress][]): BuildLog => ({
  ...EMPTY_BUILD_LOG,
  stages: [...new Set(steps.map(([stage]) => stage))].map((name) => ({ name, needs: [] })),
  steps: steps.map(([stage, text, progress = ran()], index) => ({
    index,
    stage,
    text,
    range,
    progress,
    pull: null,
    output: noOutput(),
  })),
});
const shown = (earlier: BuildLog, later: BuildLog) =>
  compareBuilds(earlier, later).map(({ name, steps }) => [
    name,
    ...steps.map(
      ({ change, earlier: before, later: now }) => `${change}: ${before?.text ?? "-"} | ${now?.text ?? "-"}`,
    ),
  ]);

test("an instruction that was put in, taken out or rewritten moves none of the others", () => {
  const earlier = built(["0", "FROM node"], ["0", "RUN a"], ["0", "COPY x y"], ["0", "CMD one"]);
  const later = built(["0", "FROM node"], ["0", "ENV A=1"], ["0", "RUN b"], ["0", "COPY x y"]);
  expect(shown(earlier, later)).toEqual([
    [
      "0",
      "same: FROM node | FROM node",
      "only-later: - | ENV A=1",
      "rewritten: RUN a | RUN b",
      "same: COPY x y | COPY x y",
      "only-earlier: CMD one | -",
    ],
  ]);
});

test("stages are compared by name, the last without one with the last, and those that are gone come at the end", () => {
  const earlier = built(["tools", "FROM gcc"], ["1", "FROM node"]);
  const later = built(["0", "FROM busybox"], ["new", "FROM nginx"], ["2", "FROM node"]);
  expect(shown(earlier, later)).toEqual([
    ["0", "only-later: - | FROM busybox"],
    ["new", "only-later: - | FROM nginx"],
    ["2", "same: FROM node | FROM node"],
    ["tools", "only-earlier: FROM gcc | -"],
  ]);
});

test("time alone is no difference; the cache, the size and the files are", () => {
  const differs = (before: Progress, now: Progress) =>
    compareBuilds(built(["0", "RUN a", before]), built(["0", "RUN a", now]))[0]?.steps[0]?.differs;
  expect(differs(ran(1, 5), ran(1, 500))).toBe(false);
  expect(differs(ran(1), ran(2))).toBe(true);
  expect(differs(ran(1), cached)).toBe(true);
});

test("the totals count what ran and what was cached", () => {
  expect(
    totalsOf(built(["0", "FROM node", cached], ["0", "RUN a", ran(1, 30)], ["0", "RUN b", ran(1, 12)])),
  ).toEqual({
    durationMs: 42,
    cached: 1,
  });
});
