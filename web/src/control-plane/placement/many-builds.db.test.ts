import type { BuildEvent, NumberedBuildEvent } from "@slipway/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { imageEvent, join, openStage, type PlayedWorker, type Stage } from "../test-stage.ts";

/** A room of people, each with a playground of their own, and one worker. */
const PEOPLE = 100;
const ROOM = 4;
/** Every so many-th command finds the worker full, although it should have room. */
const FULL_EVERY = 7;
/** A worker that says that it is full is asked again after a pause, not at once and over and over. */
const MOST_COMMANDS = PEOPLE * 1.5;
/** The machine may have other things to do; the builds themselves take no time here. */
const TIMEOUT_MS = 90_000;

let stage: Stage;
let worker: PlayedWorker;

beforeAll(async () => {
  stage = await openStage();
  worker = await join(stage, "worker01", {
    capacity: { sessions: 0, builds: ROOM, memoryBytes: 1, cpus: 1 },
  });
});
afterAll(async () => {
  worker?.leave();
  await stage?.close();
});

const range = { startLine: 1, startColumn: 1, endLine: 1, endColumn: 9 };
const STEPS = 10;

/** What a build of ten steps says, in batches as a worker sends them. */
function batches(): NumberedBuildEvent[][] {
  const steps = Array.from({ length: STEPS }, (_, step) => step);
  const plan: BuildEvent = {
    type: "plan",
    steps: steps.map((step) => ({ step, stage: "stage-0", text: `RUN echo ${step}`, range })),
    stages: [{ name: "stage-0", needs: [] }],
  };
  const told = steps.map((step): BuildEvent[] => [
    { type: "step-started", step, miss: { reason: "first-time" }, shared: false },
    ...Array.from(
      { length: 20 },
      (_, number): BuildEvent => ({ type: "log", step, stream: "stdout", number, text: `line ${number}\n` }),
    ),
    { type: "step-finished", step, durationMs: 5, bytesAdded: 10, filesChanged: 1 },
  ]);
  let sequence = 0;
  return [[plan], ...told, [imageEvent]].map((events) =>
    events.map((event) => ({ sequence: sequence++, event })),
  );
}

test(
  "a hundred builds at once all succeed, never more than the worker holds, each reader sees all of its own",
  async () => {
    const people = await Promise.all(
      Array.from({ length: PEOPLE }, async () => {
        const caller = stage.as(await stage.enter());
        return { caller, playgroundId: (await caller.playground.create({})).id };
      }),
    );
    let running = 0;
    let most = 0;
    let commands = 0;
    const begun: string[] = [];
    const carryOut = async (buildId: string) => {
      for (const batch of batches()) {
        if (batch.some(({ event }) => event.type === "image")) running -= 1;
        expect(await worker.send(buildId, batch)).toEqual({ ok: true });
      }
    };
    const full = { code: "worker-full", fault: "capacity", message: "full", params: {} } as const;
    const work: Promise<void>[] = [];
    worker.answer = (command) => {
      commands += 1;
      if (command.kind !== "build" || commands % FULL_EVERY === 0) return { ok: false, error: full };
      running += 1;
      most = Math.max(most, running);
      begun.push(command.request.buildId);
      work.push(carryOut(command.request.buildId));
      return { ok: true };
    };

    const start = performance.now();
    const readers = await Promise.all(
      people.map(async ({ caller, playgroundId }) => {
        const { id } = await caller.build.start({ playgroundId });
        return { id, events: countEvents(await caller.build.events({ buildId: id, after: null })) };
      }),
    );
    const seen = await Promise.all(readers.map(({ events }) => events));
    const elapsed = performance.now() - start;
    await Promise.all(work);

    const expected = batches().flat().length;
    expect(new Set(seen)).toEqual(new Set([expected]));
    expect(most).toBeLessThanOrEqual(ROOM);
    expect(commands).toBeGreaterThan(PEOPLE);
    expect(commands).toBeLessThan(MOST_COMMANDS);
    expect([...begun].sort()).toEqual(readers.map(({ id }) => id).sort());
    const states = await stage.database.build.groupBy({ by: ["state"], _count: true });
    expect(states).toEqual([{ state: "succeeded", _count: PEOPLE }]);
    process.stdout.write(`${PEOPLE} builds, ${ROOM} at a time: ${Math.round(elapsed)} ms\n`);
  },
  TIMEOUT_MS,
);

async function countEvents(events: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const _ of events) count += 1;
  return count;
}
