import type { BuildEvent } from "@slipway/protocol";
import { expect, test } from "vitest";
import type { ProgressLine } from "../images/progress-lines.ts";
import { ClassicProgress } from "./classic-progress.ts";

const range = { startLine: 1, startColumn: 1, endLine: 1, endColumn: 1 };
const plan = (...steps: readonly [number, string][]): BuildEvent => ({
  type: "plan",
  steps: steps.map(([step, text]) => ({ step, text, stage: "0", range })),
  stages: [],
});
const log = (step: number, text: string, stream: "stdout" | "stderr" = "stdout"): BuildEvent => ({
  type: "log",
  step,
  stream,
  number: 0,
  text,
});
const finished = (step: number): BuildEvent => ({
  type: "step-finished",
  step,
  durationMs: 1,
  bytesAdded: 0,
  filesChanged: 0,
});

function told(events: readonly BuildEvent[]): string[] {
  const lines: ProgressLine[] = [];
  const progress = new ClassicProgress((line) => lines.push(line));
  for (const event of events) progress.event(event);
  progress.built(`sha256:${"a".repeat(64)}`, ["docker.io/library/app:latest"]);
  return lines.flatMap(({ stream }) => stream ?? []);
}

const END = [" ---> aaaaaaaaaaaa\n", "Successfully built aaaaaaaaaaaa\n", "Successfully tagged app:latest\n"];

test("steps that run side by side are told one after the other, each with its own output", () => {
  const events = [
    plan([0, "FROM a"], [1, "RUN one"], [2, "RUN two"]),
    log(2, "two\n"),
    finished(0),
    log(1, "one\n"),
    finished(2),
    finished(1),
  ];
  expect(told(events)).toEqual([
    "Step 1/3 : FROM a\n",
    "Step 2/3 : RUN one\n",
    "one\n",
    "Step 3/3 : RUN two\n",
    "two\n",
    ...END,
  ]);
});

test("triggers that turn up with a base image have their place, and steps that never ran are not left out", () => {
  const events = [
    plan([0, "FROM a"], [1, "RUN one"]),
    plan([0, "FROM a"], [2, "RUN trigger"], [1, "RUN one"]),
    finished(0),
  ];
  expect(told(events)).toEqual([
    "Step 1/2 : FROM a\n",
    "Step 2/3 : RUN trigger\n",
    "Step 3/3 : RUN one\n",
    ...END,
  ]);
});

test("what a step wrote to stderr is red, and a cached one says so", () => {
  const events: BuildEvent[] = [
    plan([0, "RUN a"], [1, "RUN b"]),
    log(0, "oh", "stderr"),
    finished(0),
    { type: "step-cached", step: 1, hit: "unchanged" },
  ];
  expect(told(events)).toEqual([
    "Step 1/2 : RUN a\n",
    "\u001b[91moh\u001b[0m",
    "Step 2/2 : RUN b\n",
    " ---> Using cache\n",
    ...END,
  ]);
});
