import type { BuildEvent, NumberedBuildEvent } from "@slipway/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Caller, imageEvent, join, openStage, type PlayedWorker, type Stage } from "../test-stage.ts";
import { MAX_LISTED_BUILDS } from "./build-list.ts";

let stage: Stage;
let worker: PlayedWorker;
let owner: Caller;

beforeAll(async () => {
  stage = await openStage();
  worker = await join(stage);
  owner = stage.as(await stage.enter());
});
afterAll(async () => {
  worker?.leave();
  await stage?.close();
});

const range = { startLine: 1, startColumn: 1, endLine: 1, endColumn: 1 };
const plan: BuildEvent = {
  type: "plan",
  steps: [{ step: 0, stage: "0", text: 'RUN echo \'{"type":"log",\'', range }],
  stages: [],
};
const started: BuildEvent = { type: "step-started", step: 0, miss: { reason: "first-time" }, shared: false };
const log: BuildEvent = { type: "log", step: 0, stream: "stdout", number: 0, text: '{"type":"plan"}\u0000' };
const numbered = (...events: BuildEvent[]): NumberedBuildEvent[] =>
  events.map((event, sequence) => ({ sequence, event }));

test("the outline of a build is all that it told but its output", async () => {
  const { id: playgroundId } = await owner.playground.create({});
  const { id: buildId } = await owner.build.start({ playgroundId });
  await worker.command("build", buildId);
  await worker.send(buildId, numbered(plan, started, log, log, imageEvent));
  const outline = await owner.build.outline({ buildId });
  expect(outline.map(({ sequence, event }) => `${sequence} ${event.type}`)).toEqual([
    "0 plan",
    "1 step-started",
    "4 image",
  ]);
  const stranger = stage.as(await stage.enter());
  await expect(stranger.build.outline({ buildId })).rejects.toMatchObject({
    cause: { code: "build-missing" },
  });
});

test("builds are listed from the newest on, a page at a time, and only those of the playground", async () => {
  const { id: playgroundId } = await owner.playground.create({});
  const { id: other } = await owner.playground.create({});
  const number = MAX_LISTED_BUILDS + 3;
  await stage.database.build.createMany({
    data: Array.from({ length: number }, (_, index) => ({
      id: `${playgroundId.slice(0, 12)}${String(index).padStart(8, "0")}`,
      playgroundId,
      noCache: false,
      state: "cancelled" as const,
      createdAt: new Date(1_800_000_000_000 + index * 1000),
    })),
  });
  const first = await owner.build.list({ playgroundId, before: null });
  expect(first.builds).toHaveLength(MAX_LISTED_BUILDS);
  const second = await owner.build.list({ playgroundId, before: first.next });
  const times = [...first.builds, ...second.builds].map(({ createdAt }) => createdAt);
  expect(times).toHaveLength(number);
  expect(times).toEqual([...times].sort((left, right) => right - left));
  expect(second.next).toBeNull();
  expect(await owner.build.list({ playgroundId: other, before: first.next })).toEqual({
    builds: [],
    next: null,
  });
  const stranger = stage.as(await stage.enter());
  await expect(stranger.build.list({ playgroundId, before: null })).rejects.toMatchObject({
    cause: { code: "playground-missing" },
  });
});
