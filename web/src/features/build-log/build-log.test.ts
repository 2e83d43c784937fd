import {
  type BuildEvent,
  digestSchema,
  type ImageSummary,
  type NumberedBuildEvent,
  type WireError,
} from "@slipway/protocol";
import { describe, expect, test } from "vitest";
import { type BuildLog, EMPTY_BUILD_LOG, withEnd, withEvents } from "./build-log.ts";
import { noOutput, textOf } from "./output.ts";

const range = (line: number) => ({ startLine: line, startColumn: 1, endLine: line, endColumn: 9 });
const plan: BuildEvent = {
  type: "plan",
  steps: [
    { step: 0, stage: "", text: "FROM node", range: range(1) },
    { step: 1, stage: "", text: "RUN false", range: range(2) },
    { step: 2, stage: "", text: "CMD node", range: range(3) },
  ],
  stages: [],
};
const numbered = (events: readonly BuildEvent[], from = 0): NumberedBuildEvent[] =>
  events.map((event, index) => ({ sequence: from + index, event }));
const logOf = (...events: BuildEvent[]): BuildLog => withEvents(EMPTY_BUILD_LOG, numbered(events));
const states = (log: BuildLog): string[] => log.steps.map((step) => step.progress.state);
const failure = (code: WireError["code"], step: number | null): BuildEvent => ({
  type: "failed",
  error: { code, fault: "user", message: code, params: {} },
  step,
  exitCode: 1,
  range: range(2),
  lastLines: [],
});
const cached = (step: number): BuildEvent => ({ type: "step-cached", step, hit: "unchanged" });
const started = (step: number): BuildEvent => ({
  type: "step-started",
  step,
  miss: { reason: "first-time" },
  shared: false,
});
const output = (text: string, number = 0): BuildEvent => ({
  type: "log",
  step: 1,
  stream: "stdout",
  number,
  text,
});

test("every step of the plan is there before anything ran", () => {
  expect(states(logOf(plan))).toEqual(["waiting", "waiting", "waiting"]);
  expect(logOf(plan).outcome.state).toBe("building");
});

test("a step keeps why it ran together with what it took", () => {
  const finished: BuildEvent = {
    type: "step-finished",
    step: 1,
    durationMs: 5,
    bytesAdded: 10,
    filesChanged: 2,
    files: { added: 1, changed: 1, removed: 0 },
  };
  const log = logOf(plan, cached(0), started(1), finished);
  expect(log.steps[0]?.progress).toEqual({
    state: "cached",
    hit: "unchanged",
    bytesAdded: null,
    files: null,
  });
  expect(log.steps[1]?.progress).toEqual({
    state: "finished",
    cause: { miss: { reason: "first-time" }, shared: false },
    durationMs: 5,
    bytesAdded: 10,
    filesChanged: 2,
    files: { added: 1, changed: 1, removed: 0 },
  });
});

test("a step that shares the run of another build says so, also when it failed", () => {
  const shared: BuildEvent = { type: "step-started", step: 1, miss: { reason: "no-cache" }, shared: true };
  const cause = { miss: { reason: "no-cache" }, shared: true };
  expect(logOf(plan, shared).steps[1]?.progress).toEqual({ state: "running", cause });
  expect(logOf(plan, shared, failure("run-failed", 1)).steps[1]?.progress).toEqual({
    state: "failed",
    cause,
  });
});

test("steps of stages that run side by side keep their own output and progress", () => {
  const log = logOf(plan, started(1), started(2), output("of the second"), output("and more", 1));
  expect(states(log)).toEqual(["waiting", "running", "running"]);
  expect(log.steps.map((step) => textOf(step.output))).toEqual(["", "of the secondand more", ""]);
});

test("a pull is kept with its step, and each event brings what is new of it", () => {
  const layer = (digit: string, receivedBytes: number) => ({
    digest: digestSchema.parse(`sha256:${digit.repeat(64)}`),
    state: "downloading" as const,
    receivedBytes,
    totalBytes: 100,
  });
  const pull = (...layers: ReturnType<typeof layer>[]): BuildEvent => ({
    type: "pull",
    step: 0,
    reference: "node:20",
    layers,
  });
  const log = logOf(plan, started(0), pull(layer("a", 1), layer("b", 2)), pull(layer("a", 50)));
  expect(log.steps[0]?.pull).toEqual({ reference: "node:20", layers: [layer("a", 50), layer("b", 2)] });
});

test("reading the stream again from its start changes nothing", () => {
  const events = numbered([plan, started(1), output("a"), output("b", 1)]);
  const once = withEvents(EMPTY_BUILD_LOG, events);
  expect(withEvents(once, events)).toEqual(once);
  expect(textOf(once.steps[1]?.output ?? noOutput())).toBe("ab");
});

describe("the end", () => {
  test("a failing step is marked, and those after it were not reached", () => {
    const log = logOf(plan, cached(0), started(1), failure("run-failed", 1));
    expect(states(log)).toEqual(["cached", "failed", "skipped"]);
    expect(log.outcome).toMatchObject({ state: "failed", step: 1, exitCode: 1, range: range(2) });
  });

  test("a Dockerfile that can't be read fails without any step", () => {
    const log = logOf(failure("dockerfile-invalid", null));
    expect(log.steps).toEqual([]);
    expect(log.outcome.state).toBe("failed");
  });

  test("being cancelled is no failure", () => {
    const log = logOf(plan, started(0), failure("build-cancelled", 0));
    expect(log.outcome).toEqual({ state: "cancelled" });
  });

  test("a stream that stops without a final event is settled from outside, once", () => {
    const log = withEnd(logOf(plan, started(0)), { state: "cancelled" });
    expect(states(log)).toEqual(["skipped", "skipped", "skipped"]);
    const image = {} as ImageSummary;
    expect(withEnd(log, { state: "succeeded", image, durationMs: 1 })).toBe(log);
  });
});

test("output that arrives in one go with other events stays in its place", () => {
  const other: BuildEvent = { ...output("other", 0), step: 2 } as BuildEvent;
  const log = logOf(plan, started(1), output("a"), output("b", 1), started(2), other, output("c", 2));
  expect(log.steps.map((step) => textOf(step.output))).toEqual(["", "abc", "other"]);
  expect(log.next).toBe(7);
  expect(withEvents(log, numbered([output("d", 3)], 7)).next).toBe(8);
});
