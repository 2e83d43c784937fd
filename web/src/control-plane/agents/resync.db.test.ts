import { PROTOCOL_VERSION, type sessionReportSchema } from "@slipway/protocol";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { z } from "zod";
import {
  buildOnce,
  type Caller,
  imageEvent,
  join,
  logEvent,
  openStage,
  PlayedWorker,
  type Stage,
  size,
} from "../test-stage.ts";

let stage: Stage;
let worker: PlayedWorker;
let caller: Caller;

beforeAll(async () => {
  stage = await openStage({ SLIPWAY_WORKER_GRACE_SECONDS: "1", SLIPWAY_SESSIONS_PER_PERSON: "100" });
});
afterAll(() => stage?.close());
beforeEach(async () => {
  worker = await join(stage);
  caller = stage.as(await stage.enter());
});
afterEach(() => worker.leave());

type Report = Omit<z.input<typeof sessionReportSchema>, "sessionId" | "revision">;
const running: Report = { state: "running", terminals: [], ports: [], end: null };

/** A session that runs on the worker. */
async function launch(): Promise<string> {
  const { playgroundId } = await buildOnce(caller, worker);
  const { id } = await caller.session.launch({ playgroundId, start: "command", size });
  await worker.command("launch", id);
  await worker.report({ sessionId: id, revision: 1, ...running });
  return id;
}

async function building(): Promise<string> {
  const { id: playgroundId } = await caller.playground.create({});
  const { id } = await caller.build.start({ playgroundId, noCache: false });
  await worker.command("build", id);
  return id;
}

/** The same worker again, over a new connection. */
async function back(facts: Parameters<PlayedWorker["hello"]>[0] = {}) {
  worker.leave();
  worker = new PlayedWorker(stage.agentsUrl);
  await worker.connected();
  return worker.hello(facts);
}

const ended = async (sessionId: string) => {
  for await (const view of await caller.session.watch({ sessionId })) if (view.state === "ended") return view;
  return null;
};

test("a worker with a wrong token or of another protocol version is refused", async () => {
  const wrong = new PlayedWorker(stage.agentsUrl, "worker02", { joinToken: "not the token at all" });
  await expect(wrong.connected()).rejects.toMatchObject({ code: "join-refused" });
  const newer = new PlayedWorker(stage.agentsUrl, "worker02", { protocolVersion: PROTOCOL_VERSION + 1 });
  await expect(newer.connected()).rejects.toMatchObject({ code: "protocol-version" });
  wrong.leave();
  newer.leave();
});

test("a session lives through a disconnect, and the welcome names it", async () => {
  const id = await launch();
  const welcome = await back({ sessions: [{ sessionId: id, revision: 1, ...running }] });
  expect(welcome.sessions).toContain(id);
  expect(welcome.ticketPublicKey).toEqual(stage.controlPlane.tickets.publicKey);
  expect(await caller.session.watch({ sessionId: id }).then(first)).toMatchObject({ state: "running" });
});

test("what happened to a session meanwhile is taken from the hello", async () => {
  const id = await launch();
  const end = {
    cause: "out-of-memory",
    exitCode: 137,
    metric: { name: "memory", value: 5, unit: "bytes" },
    error: null,
  } as const;
  const welcome = await back({ sessions: [{ sessionId: id, revision: 7, ...running, state: "ended", end }] });
  expect(welcome.sessions).not.toContain(id);
  expect(await ended(id)).toMatchObject({ end });
});

test("a session that its worker no longer knows has ended as worker-lost", async () => {
  const id = await launch();
  await back();
  expect(await ended(id)).toMatchObject({ end: { cause: "worker-lost" } });
});

test("a launch without an answer is sent again with the same id", async () => {
  const { playgroundId } = await buildOnce(caller, worker);
  worker.answer = () => null;
  const { id } = await caller.session.launch({ playgroundId, start: "command", size });
  const sent = await worker.command("launch", id);
  await back();
  expect(await worker.command("launch", id)).toEqual(sent);
});

test("a stop during an absence reaches the worker when it is back", async () => {
  const id = await launch();
  worker.leave();
  expect(await caller.session.stop({ sessionId: id })).toMatchObject({ state: "stopping" });
  const welcome = await back({ sessions: [{ sessionId: id, revision: 1, ...running }] });
  expect(welcome.sessions).toContain(id);
  expect(await worker.command("stop", id)).toMatchObject({ sessionId: id });
  const late = await worker.report({ sessionId: id, revision: 2, ...running });
  expect(late).toEqual({ ok: true });
  expect(await caller.session.watch({ sessionId: id }).then(first)).toMatchObject({ state: "stopping" });
});

test("a worker that stays away loses its sessions, and a late report does not revive them", async () => {
  const id = await launch();
  worker.leave();
  expect(await ended(id)).toMatchObject({ end: { cause: "worker-lost" } });
  const welcome = await back({ sessions: [{ sessionId: id, revision: 9, ...running }] });
  expect(welcome.sessions).not.toContain(id);
  await worker.report({ sessionId: id, revision: 10, ...running });
  expect(await caller.session.watch({ sessionId: id }).then(first)).toMatchObject({ state: "ended" });
});

test("an older report never undoes a newer one", async () => {
  const id = await launch();
  const ports = [{ port: 8080, listening: true, exposed: true, loopbackOnly: false }];
  await worker.report({ sessionId: id, revision: 5, ...running, ports });
  await worker.report({ sessionId: id, revision: 4, ...running });
  expect(await caller.session.watch({ sessionId: id }).then(first)).toMatchObject({ ports });
});

test("another worker's report about a session is not believed", async () => {
  const id = await launch();
  const other = await join(stage, "worker02");
  await other.report({ sessionId: id, revision: 99, ...running, state: "ended", end: null });
  other.leave();
  expect(await caller.session.watch({ sessionId: id }).then(first)).toMatchObject({ state: "running" });
});

test("a build that told nothing is given again; one that told something has failed as worker-lost", async () => {
  const silent = await building();
  const talking = await building();
  await worker.send(talking, [{ sequence: 0, event: logEvent(0) }]);
  await back();
  await worker.command("build", silent);
  expect(await caller.build.get({ buildId: talking })).toMatchObject({
    state: "failed",
    error: { code: "worker-lost" },
  });
});

test("a build goes on after a disconnect from the event that is wanted next", async () => {
  const id = await building();
  await worker.send(id, [{ sequence: 0, event: logEvent(0) }]);
  const welcome = await back({ builds: [{ buildId: id, events: 3 }] });
  expect(welcome.builds).toContainEqual({ buildId: id, nextSequence: 1 });
  await worker.send(id, [{ sequence: 1, event: imageEvent }]);
  expect(await caller.build.get({ buildId: id })).toMatchObject({ state: "succeeded" });
});

test("work that waits outlives the control plane and is placed by the next one", async () => {
  worker.leave();
  const { id: playgroundId } = await caller.playground.create({});
  const { id: buildId } = await caller.build.start({ playgroundId, noCache: false });
  await stage.restart();
  worker = await join(stage);
  await worker.command("build", buildId);
});

/** The first view of a watch. */
async function first<T>(views: AsyncIterable<T>): Promise<T | null> {
  for await (const view of views) return view;
  return null;
}
