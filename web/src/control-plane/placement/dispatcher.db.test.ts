import { afterAll, beforeAll, expect, test } from "vitest";
import {
  buildOnce,
  type Caller,
  imageEvent,
  join,
  openStage,
  type PlayedWorker,
  type Stage,
  size,
} from "../test-stage.ts";

const room = (sessions: number, builds: number) => ({
  capacity: { sessions, builds, memoryBytes: 1, cpus: 1 },
});

let stage: Stage;
let worker: PlayedWorker;
let caller: Caller;

beforeAll(async () => {
  stage = await openStage({ SLIPWAY_SESSION_MINUTES: "1" });
  worker = await join(stage, "worker01", room(1, 1));
  caller = stage.as(await stage.enter());
});
afterAll(async () => {
  worker?.leave();
  await stage?.close();
});

async function start() {
  const { id: playgroundId } = await caller.playground.create({});
  return caller.build.start({ playgroundId, noCache: false });
}

test("a build beyond the worker's room waits, and follows at once when there is room", async () => {
  const first = await start();
  await worker.command("build", first.id);
  const second = await start();
  expect(second.state).toBe("queued");
  const next = worker.command("build", second.id);
  const begun = Date.now();
  await worker.send(first.id, [{ sequence: 0, event: imageEvent }]);
  await next;
  expect(Date.now() - begun).toBeLessThan(1_000);
  await worker.send(second.id, [{ sequence: 0, event: imageEvent }]);
});

test("a build that the worker has no room for after all waits again", async () => {
  const error = { code: "worker-full", fault: "capacity", message: "full", params: {} } as const;
  worker.answer = () => ({ ok: false, error });
  const build = await start();
  await worker.command("build", build.id);
  worker.answer = () => ({ ok: true });
  await worker.command("build", build.id);
  await worker.send(build.id, [{ sequence: 0, event: imageEvent }]);
  expect(await caller.build.get({ buildId: build.id })).toMatchObject({ state: "succeeded" });
});

test("a session waits for the worker that has its image, and not for ever", async () => {
  const other = await join(stage, "worker02", room(5, 0));
  const holder = await buildOnce(caller, worker);
  const taken = await caller.session.launch({ playgroundId: holder.playgroundId, start: "shell", size });
  await worker.command("launch", taken.id);
  const waiter = await buildOnce(caller, worker);
  const { id } = await caller.session.launch({ playgroundId: waiter.playgroundId, start: "shell", size });
  await stage.database.session.update({ where: { id }, data: { expiresAt: new Date(Date.now() - 1) } });
  await stage.controlPlane.expire(id);
  expect(await stage.database.session.findUnique({ where: { id } })).toMatchObject({
    state: "ended",
    end: expect.stringContaining("no-worker"),
  });
  expect(other.commands).toEqual([]);
  other.leave();
});

test("those who wait are told their place and the longest wait, may leave the line, and nobody passes them", async () => {
  const people = await Promise.all([0, 1, 2].map(async () => stage.as(await stage.enter())));
  const first = await buildOnce(people[0] as Caller, worker);
  const queued = [];
  for (const person of people) {
    const made = person === people[0] ? first : await buildOnce(person, worker);
    queued.push(await person.session.launch({ playgroundId: made.playgroundId, start: "shell", size }));
  }
  expect(queued.map(({ state }) => state)).toEqual(["queued", "queued", "queued"]);
  expect(queued.map(({ queue }) => queue?.position)).toEqual([1, 2, 3]);
  expect(queued[0]?.queue?.waitMs).toBeGreaterThan(0);
  expect(queued[0]?.queue?.waitMs).toBeLessThanOrEqual(60_000);
  // One session is there to end, so how long a second one takes is not known.
  expect(queued[1]?.queue?.waitMs).toBeNull();
  const [leaver, , last] = people as [Caller, Caller, Caller];
  const ended = await leaver.session.stop({ sessionId: queued[0]?.id ?? "" });
  expect(ended).toMatchObject({ state: "ended", end: { cause: "stopped-by-owner" } });
  expect((await last.session.get({ sessionId: queued[2]?.id ?? "" })).queue?.position).toBe(2);
  await people[1]?.session.stop({ sessionId: queued[1]?.id ?? "" });
  await last.session.stop({ sessionId: queued[2]?.id ?? "" });
});

test("a launch that its worker has no room for after all waits again, and one that was stopped meanwhile does not", async () => {
  const other = await join(stage, "worker03", room(2, 1));
  const error = { code: "worker-full", fault: "capacity", message: "full", params: {} } as const;
  other.answer = ({ kind }) => (kind === "launch" ? { ok: false, error } : { ok: true });
  worker.leave();
  const made = await buildOnce(caller, other);
  const { id } = await caller.session.launch({ playgroundId: made.playgroundId, start: "shell", size });
  await other.command("launch", id);
  other.answer = () => ({ ok: true });
  await other.command("launch", id);
  expect(await caller.session.get({ sessionId: id })).toMatchObject({ state: "starting", end: null });
  const row = await stage.database.session.findUniqueOrThrow({ where: { id } });
  expect(row.workerId).toBe("worker03");
  other.leave();
  worker = await join(stage, "worker01", room(1, 1));
});

test("a session whose worker doesn't end it in time is told to stop", async () => {
  const row = await stage.database.session.findFirstOrThrow({ where: { state: "starting" } });
  await stage.database.session.update({
    where: { id: row.id },
    data: { expiresAt: new Date(Date.now() - 60_000) },
  });
  await stage.controlPlane.expire(row.id);
  await worker.command("stop", row.id);
});
