import { MAX_TERMINALS, ticketGrantSchema } from "@slipway/protocol";
import { decodeJwt } from "jose";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import {
  buildOnce,
  type Caller,
  digestOf,
  imageEvent,
  join,
  openStage,
  PlayedWorker,
  type Stage,
  size,
} from "../test-stage.ts";

const END = { cause: "out-of-memory", exitCode: 137, metric: null, error: null } as const;
const MAIN = { terminalId: "terminal01", kind: "main", exitCode: null } as const;
const EVENT = {
  id: 0,
  limit: "memory",
  metric: { name: "memory.usage", value: 67_000_000, unit: "bytes" },
  allowed: 67_108_864,
  process: { name: "python3", pid: 7, memoryBytes: 63_000_000, killed: true },
  firstAt: 1,
  lastAt: 2,
  count: 3,
} as const;
const refusal = (code: "terminal-limit" | "session-not-running") =>
  ({ ok: false, error: { code, fault: "capacity", message: "no", params: {} } }) as const;

let stage: Stage;
let worker: PlayedWorker;
let owner: Caller;
let playgroundId: string;
let sessionId: string;

beforeAll(async () => {
  stage = await openStage({ SLIPWAY_SESSIONS_PER_PERSON: "100" });
  worker = await join(stage);
});
afterAll(async () => {
  worker?.leave();
  await stage?.close();
});

const report = (revision: number, facts: object = {}) =>
  worker.report({
    sessionId,
    revision,
    state: "running",
    terminals: [MAIN],
    ports: [],
    end: null,
    ...facts,
  } as Parameters<PlayedWorker["report"]>[0]);
const row = () => stage.database.session.findUniqueOrThrow({ where: { id: sessionId } });

beforeEach(async () => {
  worker.answer = () => ({ ok: true });
  worker.commands.length = 0;
  owner = stage.as(await stage.enter());
  playgroundId = (await buildOnce(owner, worker)).playgroundId;
  sessionId = (await owner.session.launch({ playgroundId, start: "shell", size })).id;
  await worker.command("launch", sessionId);
  await report(1);
});

/** The worker again, over a new connection, with what it has to say of the session. */
async function comeBack(): Promise<void> {
  worker.leave();
  worker = new PlayedWorker(stage.agentsUrl);
  await worker.connected();
  const known = { sessionId, revision: 1, state: "running", terminals: [MAIN], ports: [], end: null };
  await worker.hello({ sessions: [known] });
}

test("a launch answers with a ticket for its main terminal before the worker has said a word", async () => {
  const other = await buildOnce(owner, worker);
  worker.answer = () => null;
  const answer = await owner.session.launch({ playgroundId: other.playgroundId, start: "command", size });
  expect(answer).toMatchObject({ state: "starting", terminals: [{ kind: "main", exitCode: null }] });
  expect(answer.terminals[0]?.terminalId).toBe(answer.terminal.terminalId);
  expect(ticketGrantSchema.parse(decodeJwt(answer.terminal.ticket))).toMatchObject({
    right: "terminal",
    session: answer.id,
    terminal: (await worker.command("launch", answer.id)).request.terminals.main,
    role: "drive",
  });
});

test.each([
  [["sh"], ["main"]],
  [["/bin/bash", "-l"], ["main"]],
  [
    ["node", "app.js"],
    ["main", "shell"],
  ],
  [
    ["sh", "-c", "node app.js"],
    ["main", "shell"],
  ],
])("before a session of %j runs, the terminals are shown that there will be", async (cmd, kinds) => {
  const { id } = await owner.playground.create({});
  const build = await owner.build.start({ playgroundId: id, noCache: false });
  await worker.command("build", build.id);
  const { image } = imageEvent as { image: object };
  const event = { ...imageEvent, image: { ...image, cmd } } as typeof imageEvent;
  await worker.send(build.id, [{ sequence: 0, event }]);
  const answer = await owner.session.launch({ playgroundId: id, start: "command", size });
  expect(answer.terminals.map(({ kind }) => kind)).toEqual(kinds);
  expect(answer.shell?.terminalId).toBe(answer.terminals[1]?.terminalId);
});

test("a launch that its worker did not hear of is sent again with the same id, also by a new process", async () => {
  const other = await buildOnce(owner, worker);
  worker.answer = () => null;
  const { id } = await owner.session.launch({ playgroundId: other.playgroundId, start: "command", size });
  const sent = await worker.command("launch", id);
  await stage.restart();
  await comeBack();
  expect(await worker.command("launch", id)).toEqual(sent);
});

test("two processes that launch the same at the same moment make one session", async () => {
  const { image, start, buildId, limits, egress } = await row();
  const data = { playgroundId, buildId, image, start, limits, egress, rows: 1, cols: 1 };
  const times = { expiresAt: new Date(), mainTerminalId: "m", shellTerminalId: "s" };
  await expect(
    stage.database.session.create({ data: { id: "sanother1", ...data, ...times } }),
  ).rejects.toMatchObject({ code: "P2002" });
});

test("limits that were reached are shown, and stay when the session has ended", async () => {
  await report(2, { limitEvents: [EVENT] });
  expect((await owner.session.get({ sessionId })).limitEvents).toEqual([EVENT]);
  const filesKeptUntil = Date.now() + 60_000;
  await report(3, { state: "ended", limitEvents: [EVENT], filesKeptUntil, end: END });
  const ended = await owner.session.get({ sessionId });
  expect(ended).toMatchObject({ state: "ended", limitEvents: [EVENT], filesKeptUntil, end: END });
  // What is left of it goes; its end does not change any more.
  await report(4, { state: "ended", limitEvents: [EVENT], end: { ...END, cause: "expired" } });
  expect(await owner.session.get({ sessionId })).toMatchObject({ filesKeptUntil: null, end: END });
  await report(5);
  expect((await owner.session.get({ sessionId })).state).toBe("ended");
});

test("a pause reaches the worker, and the page learns of it when the worker says so", async () => {
  await owner.session.pause({ sessionId, paused: true });
  expect(await worker.command("pause", sessionId)).toMatchObject({ paused: true });
  expect((await owner.session.get({ sessionId })).paused).toBe(false);
  await report(2, { paused: true });
  expect((await owner.session.get({ sessionId })).paused).toBe(true);
  expect((await row()).pauseCommandId).toBeNull();
  worker.answer = () => refusal("session-not-running");
  await expect(owner.session.pause({ sessionId, paused: false })).rejects.toMatchObject({
    cause: { code: "session-not-running" },
  });
});

test("a pause that got no answer is asked for again with its id after a reconnect, the newest wish only", async () => {
  worker.answer = () => null;
  const first = owner.session.pause({ sessionId, paused: true });
  await worker.command("pause", sessionId);
  const second = owner.session.pause({ sessionId, paused: false });
  const wish = await worker.command("pause", sessionId);
  await comeBack();
  expect(await worker.command("pause", sessionId)).toEqual(wish);
  await Promise.all([first, second]);
  await expect.poll(async () => (await row()).pauseCommandId).toBeNull();
  expect(worker.commands.filter(({ kind }) => kind === "pause")).toEqual([]);
});

test("a session that does not run can't be paused", async () => {
  await owner.session.stop({ sessionId });
  await expect(owner.session.pause({ sessionId, paused: true })).rejects.toMatchObject({
    cause: { code: "session-not-running" },
  });
});

test("one more terminal is opened with an id of its own and a ticket for it", async () => {
  const made = await owner.session.openTerminal({ sessionId, size });
  const command = await worker.command("open-terminal", sessionId);
  expect(command).toMatchObject({ terminalId: made.terminalId, size, container: null });
  expect(ticketGrantSchema.parse(decodeJwt(made.ticket))).toMatchObject({ terminal: made.terminalId });
  expect(await stage.database.terminalOrder.count({ where: { sessionId } })).toBe(0);
  worker.commands.length = 0;
  const container = "c".repeat(64);
  await owner.session.openTerminal({ sessionId, size, container });
  expect(await worker.command("open-terminal", sessionId)).toMatchObject({ container });
});

test("a docker client elsewhere gets an address with a ticket for this session alone, for as long as it may live", async () => {
  const { host, isSecure, expiresAt } = await owner.session.dockerAddress({ sessionId });
  const [, address = "", ticket = ""] = /^(tcp:\/\/.*\/gateway\/docker\/[^/]+)\/([^/]+)$/.exec(host) ?? [];
  expect(address).toMatch(new RegExp(`^tcp://localhost:\\d+/gateway/docker/${sessionId}$`));
  expect(isSecure).toBe(false);
  const claims = decodeJwt(ticket);
  expect(ticketGrantSchema.parse(claims)).toEqual({ right: "docker", session: sessionId, generation: 0 });
  expect(Math.abs((claims.exp ?? 0) * 1000 - expiresAt)).toBeLessThanOrEqual(1_000);
  const stranger = stage.as(await stage.enter());
  await expect(stranger.session.dockerAddress({ sessionId })).rejects.toMatchObject({ code: "NOT_FOUND" });
  await report(2, { state: "ended", end: END });
  await expect(owner.session.dockerAddress({ sessionId })).rejects.toMatchObject({
    cause: { code: "session-not-running" },
  });
});

test("a terminal that was asked for when the worker went is opened when it is back, once", async () => {
  worker.answer = () => null;
  const asked = owner.session.openTerminal({ sessionId, size });
  const first = await worker.command("open-terminal", sessionId);
  await comeBack();
  expect(await worker.command("open-terminal", sessionId)).toEqual(first);
  await asked;
  await expect.poll(() => stage.database.terminalOrder.count({ where: { sessionId } })).toBe(0);
});

test("a session has a bounded number of terminals, and what the worker refuses is said", async () => {
  worker.answer = ({ kind }) => (kind === "open-terminal" ? refusal("terminal-limit") : { ok: true });
  const limit = { cause: { code: "terminal-limit" } };
  await expect(owner.session.openTerminal({ sessionId, size })).rejects.toMatchObject(limit);
  expect(await stage.database.terminalOrder.count({ where: { sessionId } })).toBe(0);
  worker.answer = () => ({ ok: true });
  const terminals = Array.from({ length: MAX_TERMINALS }, (_, number) => ({
    ...MAIN,
    terminalId: `terminal${number}`,
  }));
  await report(2, { terminals });
  worker.commands.length = 0;
  await expect(owner.session.openTerminal({ sessionId, size })).rejects.toMatchObject(limit);
  expect(worker.commands).toEqual([]);
});

const summary = (digit: string) =>
  ({ ...(imageEvent as { image: object }).image, digest: digestOf(digit) }) as never;

test("what a session wrote is saved under a name, shown while it is, and launched where it is", async () => {
  const seen: string[][] = [];
  const stop = new AbortController();
  const watching = (async () => {
    for await (const images of stage.controlPlane.services.savedImages.watch(
      playgroundId as never,
      stop.signal,
    ))
      seen.push(images.map(({ name, state }) => `${name} ${state}`));
  })();
  worker.answer = ({ kind }) => (kind === "save-image" ? { ok: true, image: summary("c") } : { ok: true });
  const saved = await owner.savedImage.save({ sessionId, name: "with-vim" });
  expect(saved).toMatchObject({ state: "saving", reference: `slipway/${playgroundId}:with-vim` });
  expect(await worker.command("save-image", sessionId)).toMatchObject({ name: saved.reference });
  await expect.poll(() => seen.at(-1)).toEqual(["with-vim saved"]);
  stop.abort();
  await watching;
  const again = await owner.session.launch({
    playgroundId,
    start: "shell",
    size,
    savedImageId: saved.id,
  });
  expect(again.id).not.toBe(sessionId);
  expect(again.savedImageId).toBe(saved.id);
  expect((await worker.command("launch", again.id)).request.image).toBe(digestOf("c"));
  expect(await worker.command("stop", sessionId)).toBeTruthy();
});

test("a save that the worker was lost over is asked for again, and fails with a reason when it can't be", async () => {
  worker.answer = ({ kind }) => (kind === "save-image" ? null : { ok: true });
  await owner.savedImage.save({ sessionId, name: "mine" });
  const first = await worker.command("save-image", sessionId);
  await owner.savedImage.save({ sessionId, name: "mine" });
  await comeBack();
  worker.answer = ({ kind }) => (kind === "save-image" ? refusal("session-not-running") : { ok: true });
  expect(await worker.command("save-image", sessionId)).toEqual(first);
  await expect
    .poll(async () => (await owner.savedImage.list({ playgroundId })).map(({ state }) => state))
    .toEqual(["failed"]);
  expect((await owner.savedImage.list({ playgroundId }))[0]?.error?.code).toBe("session-not-running");
});

test.each(["latest", "", "Vim", "../x", "a b", "-x", "a".repeat(64)])(
  "%j is no name to save under",
  async (name) => {
    await expect(owner.savedImage.save({ sessionId, name })).rejects.toThrow();
    expect(worker.commands).toEqual([]);
  },
);

test("an ended session is saved and exported while its files are kept, and not longer", async () => {
  await report(2, { state: "ended", end: END, filesKeptUntil: Date.now() + 60_000 });
  await owner.savedImage.save({ sessionId, name: "late" });
  await worker.command("save-image", sessionId);
  const { url } = await owner.session.exportUrl({ sessionId });
  expect(new URL(url).pathname).toBe(`/gateway/exports/${sessionId}`);
  const claims = decodeJwt(new URL(url).searchParams.get("ticket") ?? "");
  expect(ticketGrantSchema.parse(claims)).toEqual({ right: "export", session: sessionId });
  expect((claims.exp ?? 0) * 1000 - Date.now()).toBeLessThanOrEqual(61_000);
  await report(3, { state: "ended", end: END, filesKeptUntil: Date.now() - 1 });
  const gone = { cause: { code: "session-files-gone" } };
  await expect(owner.savedImage.save({ sessionId, name: "later" })).rejects.toMatchObject(gone);
  await expect(owner.session.exportUrl({ sessionId })).rejects.toMatchObject(gone);
});

test("who owns a running session may read and write its files, and nobody may when it has ended", async () => {
  const { ticket, expiresAt } = await owner.session.filesTicket({ sessionId });
  const claims = decodeJwt(ticket);
  expect(ticketGrantSchema.parse(claims)).toEqual({ right: "files", session: sessionId });
  expect(claims.exp).toBe(Math.ceil(expiresAt / 1000));
  await report(2, { state: "ended", end: END });
  const over = { cause: { code: "session-not-running" } };
  await expect(owner.session.filesTicket({ sessionId })).rejects.toMatchObject(over);
});

test("what a running session uses is asked of its worker, and of one that does not run nothing is", async () => {
  const usage = {
    at: Date.now(),
    cpuMicroseconds: 5,
    memoryBytes: 1024,
    pids: 3,
    disk: { usedBytes: 1, limitBytes: 2, usedInodes: 3, limitInodes: 4 },
    network: { sentBytes: 0, receivedBytes: 9 },
  };
  const inside = { at: Date.now(), worker: [], containers: [], processes: [], cut: false };
  const host = { containers: [], images: [], cut: false };
  const answers: Partial<Record<string, unknown>> = { "session-usage": usage, "session-inside": inside };
  worker.answerQuery = ({ kind }) => ({ ok: true, answer: answers[kind] ?? host });
  expect(await owner.session.usage({ sessionId })).toEqual(usage);
  expect(await owner.session.inside({ sessionId })).toEqual(inside);
  expect(await owner.session.host({ sessionId })).toEqual(host);
  await report(2, { state: "ended", end: END });
  const over = { cause: { code: "session-not-running" } };
  await expect(owner.session.usage({ sessionId })).rejects.toMatchObject(over);
  await expect(owner.session.inside({ sessionId })).rejects.toMatchObject(over);
  await expect(owner.session.host({ sessionId })).rejects.toMatchObject(over);
});

test("a saved image of another playground can't be launched", async () => {
  worker.answer = ({ kind }) => (kind === "save-image" ? { ok: true, image: summary("d") } : { ok: true });
  const saved = await owner.savedImage.save({ sessionId, name: "mine" });
  const stranger = stage.as(await stage.enter());
  const other = await buildOnce(stranger, worker);
  await expect(
    stranger.session.launch({
      playgroundId: other.playgroundId,
      start: "shell",
      size,
      savedImageId: saved.id,
    }),
  ).rejects.toMatchObject({ cause: { code: "image-missing" } });
});

test("what was queued or interrupted still ends by itself: a start arranges the end of every live session", async () => {
  const ends = () => stage.database.$queryRaw<{ n: number }[]>`
    SELECT count(*)::int AS n FROM pgboss.job WHERE name = 'session-expiry' AND data->>'id' = ${sessionId}`;
  await stage.database.$executeRaw`DELETE FROM pgboss.job WHERE data->>'id' = ${sessionId}`;
  await stage.restart();
  await comeBack();
  expect((await ends())[0]?.n).toBeGreaterThan(0);
});
