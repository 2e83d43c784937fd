import { type NumberedBuildEvent, numberedBuildEventSchema } from "@slipway/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  buildOnce,
  type Caller,
  imageEvent,
  join,
  logEvent,
  openStage,
  type PlayedWorker,
  type Stage,
} from "../test-stage.ts";

let stage: Stage;
let worker: PlayedWorker;
let caller: Caller;

beforeAll(async () => {
  stage = await openStage();
  worker = await join(stage);
  caller = stage.as(await stage.enter());
});
afterAll(async () => {
  worker?.leave();
  await stage?.close();
});

const numbered = (from: number, count: number): NumberedBuildEvent[] =>
  Array.from({ length: count }, (_, index) => ({ sequence: from + index, event: logEvent(from + index) }));

async function start(): Promise<string> {
  const { id: playgroundId } = await caller.playground.create({});
  return (await caller.build.start({ playgroundId, noCache: true })).id;
}

async function building(): Promise<string> {
  const id = await start();
  const command = await worker.command("build", id);
  expect(command.request).toMatchObject({ buildId: id, dockerfile: "Dockerfile", noCache: true });
  return id;
}

/** Reads the stream to its end. */
async function read(buildId: string, after: number | null) {
  const events: NumberedBuildEvent[] = [];
  for await (const envelope of await caller.build.events({ buildId, after })) {
    // On the server an envelope is [id, data]; its type is that of the client.
    const [id, data] = envelope as unknown as [string, unknown];
    events.push(numberedBuildEventSchema.parse(data));
    expect(id).toBe(String(events.at(-1)?.sequence));
  }
  return events;
}

test("a build is with a worker at once, and its events make it succeed", async () => {
  const { buildId } = await buildOnce(caller, worker);
  const view = await caller.build.get({ buildId });
  expect(view).toMatchObject({ state: "succeeded", error: null, image: { layerCount: 1 } });
  expect(view.startedAt).not.toBeNull();
  expect(view.finishedAt).not.toBeNull();
});

test("readers who come before, during and after a build get every event once and in order", async () => {
  const buildId = await building();
  const early = read(buildId, null);
  await worker.send(buildId, numbered(0, 200));
  const middle = read(buildId, null);
  for (let from = 200; from < 1200; from += 100) {
    // A batch that was not acknowledged comes again, together with what followed.
    await worker.send(buildId, numbered(from - 50, 150));
  }
  await worker.send(buildId, [{ sequence: 1200, event: imageEvent }]);
  const late = await read(buildId, null);
  for (const events of [await early, await middle, late]) {
    expect(events.map((event) => event.sequence)).toEqual(Array.from({ length: 1201 }, (_, index) => index));
    expect(events.at(-1)?.event.type).toBe("image");
  }
});

test("a reader who comes back gets exactly what follows, and what a container printed is unharmed", async () => {
  const buildId = await building();
  await worker.send(buildId, [...numbered(0, 3), { sequence: 3, event: imageEvent }]);
  const events = await read(buildId, 1);
  expect(events.map((event) => event.sequence)).toEqual([2, 3]);
  expect(events[0]?.event).toEqual(logEvent(2));
  expect(await read(buildId, 3)).toEqual([]);
});

test("a stream that an earlier version stored is still read to its end", async () => {
  const buildId = await building();
  const stored = [
    { type: "plan", steps: [] },
    { type: "step-started", step: 0, miss: { reason: "first-time" } },
    { type: "step-cached", step: 0 },
    {
      type: "failed",
      error: { code: "run-failed", fault: "user", message: "", params: {} },
      step: 0,
      exitCode: 1,
      range: null,
    },
  ];
  await stage.database.buildEvent.createMany({
    data: stored.map((event, sequence) => ({ buildId, sequence, event: JSON.stringify(event) })),
  });
  expect((await read(buildId, null)).map(({ event }) => event)).toMatchObject([
    { type: "plan", stages: [] },
    { type: "step-started", shared: false },
    { type: "step-cached", hit: "unchanged" },
    { type: "failed", lastLines: [] },
  ]);
});

test("a gap in a worker's events is refused and stored nothing", async () => {
  const buildId = await building();
  expect(await worker.send(buildId, numbered(5, 1))).toMatchObject({
    ok: false,
    error: { code: "request-invalid" },
  });
  expect(await stage.database.buildEvent.count({ where: { buildId } })).toBe(0);
  worker = await join(stage);
  await caller.build.cancel({ buildId });
});

test("a cancelled build is over at once, tells the worker, and late events change nothing", async () => {
  const buildId = await building();
  await worker.send(buildId, numbered(0, 2));
  const reader = read(buildId, null);
  expect(await caller.build.cancel({ buildId })).toMatchObject({
    state: "cancelled",
    error: { code: "build-cancelled" },
  });
  expect(await worker.command("cancel-build", buildId)).toMatchObject({ buildId });
  expect(await worker.send(buildId, [{ sequence: 2, event: imageEvent }])).toEqual({ ok: true });
  expect(await caller.build.get({ buildId })).toMatchObject({ state: "cancelled", image: null });
  expect((await reader).map((event) => event.event.type)).toEqual(["log", "log", "failed"]);
});

test("a new build of a playground takes the place of the one under way", async () => {
  const { id: playgroundId } = await caller.playground.create({});
  const first = await caller.build.start({ playgroundId, noCache: false });
  const second = await caller.build.start({ playgroundId, noCache: false });
  expect(await caller.build.get({ buildId: first.id })).toMatchObject({ state: "cancelled" });
  expect(["queued", "building"]).toContain((await caller.build.get({ buildId: second.id })).state);
  await caller.build.cancel({ buildId: second.id });
});

test("a playground without a Dockerfile is told so, and no build is made", async () => {
  const { id } = await caller.playground.create({});
  await caller.playground.remove({ id, path: "Dockerfile" });
  await expect(caller.build.start({ playgroundId: id, noCache: false })).rejects.toMatchObject({
    cause: { code: "dockerfile-missing" },
  });
  expect((await caller.playground.get({ id })).build).toBeNull();
});

test("a build that the worker refuses fails with the worker's error", async () => {
  const error = { code: "context-too-large", fault: "user", message: "too large", params: {} } as const;
  worker.answer = () => ({ ok: false, error });
  const buildId = await building();
  const events = await read(buildId, null);
  worker.answer = () => ({ ok: true });
  expect(events.map((event) => event.event)).toMatchObject([{ type: "failed", error }]);
});
