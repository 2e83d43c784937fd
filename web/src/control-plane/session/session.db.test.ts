import { TICKET_ISSUER, ticketGrantSchema } from "@slipway/protocol";
import { importJWK, jwtVerify } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  buildOnce,
  type Caller,
  join,
  openStage,
  type PlayedWorker,
  type Stage,
  size,
} from "../test-stage.ts";
import { TERMINAL_TICKET_MS } from "./tickets.ts";

const TERMINAL = { terminalId: "terminal01", kind: "main", exitCode: null } as const;

let stage: Stage;
let worker: PlayedWorker;
let caller: Caller;

beforeAll(async () => {
  stage = await openStage({ SLIPWAY_SESSIONS_PER_PERSON: "2", SLIPWAY_SESSION_MAX_MINUTES: "75" });
  worker = await join(stage);
});
afterAll(async () => {
  worker?.leave();
  await stage?.close();
});

async function launch() {
  caller = stage.as(await stage.enter());
  const { playgroundId } = await buildOnce(caller, worker);
  const { id: sessionId } = await caller.session.launch({ playgroundId, start: "shell", size });
  const command = await worker.command("launch", sessionId);
  const report = {
    sessionId,
    terminals: [TERMINAL],
    ports: [],
    paused: false,
    limitEvents: [],
    filesKeptUntil: null,
  };
  await worker.report({ ...report, revision: 1, state: "running", end: null });
  return { sessionId, command, report };
}

async function verified(ticket: string) {
  const key = await importJWK({ ...stage.controlPlane.tickets.publicKey }, "EdDSA");
  return jwtVerify(ticket, key, { issuer: TICKET_ISSUER, algorithms: ["EdDSA"] });
}

test("a launch carries image, limits, end and terminals of the session to the worker", async () => {
  const { command, sessionId } = await launch();
  const row = await stage.database.session.findUniqueOrThrow({ where: { id: sessionId } });
  expect(command.request).toMatchObject({
    sessionId,
    image: row.image,
    start: "shell",
    egress: "internet",
    size,
    expiresAt: row.expiresAt.getTime(),
    terminals: { main: row.mainTerminalId, shell: row.shellTerminalId },
    limits: { memoryBytes: 512 * 1024 ** 2, pids: 512 },
  });
});

test("a ticket for a terminal is signed for that terminal, session and right, for a short time", async () => {
  const { sessionId } = await launch();
  const { ticket, expiresAt } = await caller.session.terminalTicket({
    sessionId,
    terminalId: TERMINAL.terminalId,
  });
  const { payload } = await verified(ticket);
  expect(ticketGrantSchema.parse(payload)).toEqual({
    right: "terminal",
    session: sessionId,
    terminal: TERMINAL.terminalId,
    role: "drive",
  });
  expect(payload.exp).toBe(Math.ceil(expiresAt / 1000));
  expect(expiresAt - Date.now()).toBeLessThanOrEqual(TERMINAL_TICKET_MS);
});

test("a terminal that the session doesn't have gets no ticket", async () => {
  const { sessionId } = await launch();
  await expect(caller.session.terminalTicket({ sessionId, terminalId: "terminal99" })).rejects.toMatchObject({
    cause: { code: "terminal-missing" },
  });
});

test("a preview's address is the port's own origin and carries a ticket for that port alone", async () => {
  const { sessionId } = await launch();
  const url = new URL((await caller.session.previewUrl({ sessionId, port: 8080 })).url);
  expect(url.host).toBe(`8080-${sessionId}.localhost:3000`);
  const { payload } = await verified(url.searchParams.get("ticket") ?? "");
  expect(ticketGrantSchema.parse(payload)).toEqual({ right: "port", session: sessionId, port: 8080 });
});

test("a restart of the control plane keeps the key of the tickets", async () => {
  const before = stage.controlPlane.tickets.publicKey;
  await stage.restart();
  expect(stage.controlPlane.tickets.publicKey).toEqual(before);
  worker = await join(stage);
});

test("two launches at the same moment make one session", async () => {
  caller = stage.as(await stage.enter());
  const { playgroundId } = await buildOnce(caller, worker);
  const order = { playgroundId, start: "shell", size } as const;
  const [one, two] = await Promise.all([caller.session.launch(order), caller.session.launch(order)]);
  expect(one.id).toBe(two.id);
});

test("a person holds no more sessions than they may", async () => {
  await launch();
  const second = await buildOnce(caller, worker);
  await caller.session.launch({ playgroundId: second.playgroundId, start: "shell", size });
  const third = await buildOnce(caller, worker);
  const order = { playgroundId: third.playgroundId, start: "shell", size } as const;
  await expect(caller.session.launch(order)).rejects.toMatchObject({ cause: { code: "session-limit" } });
});

test("+time moves the end, tells the worker, and stops at the longest time", async () => {
  const { sessionId } = await launch();
  const row = await stage.database.session.findUniqueOrThrow({ where: { id: sessionId } });
  const extended = await caller.session.extend({ sessionId });
  expect(extended.expiresAt).toBe(row.createdAt.getTime() + 75 * 60_000);
  expect(await worker.command("extend", sessionId)).toMatchObject({
    sessionId,
    expiresAt: extended.expiresAt,
  });
  expect((await caller.session.extend({ sessionId })).expiresAt).toBe(extended.expiresAt);
});

test("a watch shows every change, and ends with the session", async () => {
  const { sessionId, report } = await launch();
  const states: string[] = [];
  const watching = (async () => {
    for await (const view of await caller.session.watch({ sessionId })) states.push(view.state);
  })();
  await expect.poll(() => states).toEqual(["running"]);
  await caller.session.stop({ sessionId });
  await worker.command("stop", sessionId);
  const end = { cause: "stopped-by-owner", exitCode: 137, metric: null, error: null } as const;
  await worker.report({ ...report, revision: 2, state: "ended", end });
  await watching;
  expect(states).toEqual(["running", "stopping", "ended"]);
});
