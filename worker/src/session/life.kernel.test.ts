import { MAX_TERMINALS, sessionIdSchema, terminalIdSchema } from "@slipway/protocol";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { screen, type } from "./screen-fixture.ts";
import type { Sessions } from "./session.ts";
import { STOP_GRACE_MS } from "./stopping.ts";
import { TestMachine } from "./test-machine.ts";

let machine: TestMachine;
let sessions: Sessions;
beforeAll(async () => {
  machine = await TestMachine.make();
});
afterEach(() => sessions.endAll());
afterAll(() => machine.dispose());

async function launch(cmd: readonly string[], changes: Parameters<TestMachine["request"]>[1] = {}) {
  sessions = await machine.sessions();
  const request = machine.request(await machine.image(cmd), changes);
  await sessions.launch(request);
  const main = await sessions.awaitTerminal(request.sessionId, request.terminals.main);
  return { request, id: request.sessionId, main };
}

/** The worker process that comes after a kill. */
async function nextProcess(): Promise<void> {
  await sessions.release();
  sessions = await machine.sessions();
  await sessions.recover();
}

const ended = (id: string) => machine.report(id, ({ state }) => state === "ended");
/** Counts up while it is let. */
const COUNTING = ["sh", "-c", "i=0; while true; do i=$((i+1)); echo count-$i; sleep 0.05; done"];

test("the signal of the image asks the main process to end, and its exit code is kept", async () => {
  const { id, main } = await launch([
    "sh",
    "-c",
    "trap 'echo bye; exit 42' TERM; echo up; while true; do sleep 0.05; done",
  ]);
  await screen(main, /up/);
  await sessions.stop(id);
  expect((await ended(id)).end).toMatchObject({ cause: "stopped-by-owner", exitCode: 42 });
  await screen(main, /bye/);
});

test("a main process that ignores the signal is killed after the grace period", async () => {
  const { id, main } = await launch([
    "sh",
    "-c",
    "trap 'echo no' TERM; echo up; while true; do sleep 0.05; done",
  ]);
  await screen(main, /up/);
  const began = performance.now();
  await sessions.stop(id);
  expect(performance.now() - began).toBeGreaterThanOrEqual(STOP_GRACE_MS);
  expect((await ended(id)).end).toMatchObject({ cause: "stopped-by-owner", exitCode: 137 });
});

test("exit codes of shells are reported while the session goes on", async () => {
  const { id, request } = await launch(["sleep", "1000"]);
  const shell = await sessions.awaitTerminal(id, request.terminals.shell);
  await type(shell, "exit 7", /exit 7/);
  const report = await machine.report(id, ({ terminals }) => terminals[1]?.exitCode === 7);
  expect(report.state).toBe("running");
});

test("a paused session stands still, goes on where it was, and stays paused over a restart of the worker", async () => {
  const { id, main, request } = await launch(COUNTING);
  await screen(main, /count-3/);
  await sessions.pause(id, true);
  await sessions.pause(id, true);
  const other = terminalIdSchema.parse(`other${process.pid}x`);
  const refused = sessions.openTerminal(id, other, { rows: 24, cols: 80 });
  await expect(refused).rejects.toMatchObject({ code: "session-not-running" });
  expect(sessions.reports().at(-1)?.paused).toBe(true);
  await nextProcess();
  const again = await sessions.awaitTerminal(id, request.terminals.main);
  const before = again?.written;
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(again?.written).toBe(before);
  expect(sessions.reports().find(({ sessionId }) => sessionId === id)?.paused).toBe(true);
  await sessions.pause(id, false);
  const text = await screen(again, /count-9\r\n/);
  expect(text).toMatch(/count-7\r\ncount-8\r\ncount-9/);
  expect(sessions.reports().find(({ sessionId }) => sessionId === id)?.paused).toBe(false);
});

test("a paused session hears that it is to end", async () => {
  const { id, main } = await launch([
    "sh",
    "-c",
    "trap 'exit 5' TERM; echo up; while true; do sleep 0.05; done",
  ]);
  await screen(main, /up/);
  await sessions.pause(id, true);
  await sessions.stop(id);
  expect((await ended(id)).end).toMatchObject({ cause: "stopped-by-owner", exitCode: 5 });
  expect((await ended(id)).paused).toBe(false);
});

test("a paused session expires as any other, and not before its time", async () => {
  const expiresAt = Date.now() + 1_500;
  const { id } = await launch(COUNTING, { expiresAt });
  await sessions.pause(id, true);
  const { end } = await ended(id);
  expect(end?.cause).toBe("expired");
  expect(Date.now()).toBeGreaterThanOrEqual(expiresAt);
});

test("a session that is extended lives on", async () => {
  const { id } = await launch(COUNTING, { expiresAt: Date.now() + 1_000 });
  await sessions.extend(id, Date.now() + 60_000);
  await new Promise((resolve) => setTimeout(resolve, 1_300));
  expect(sessions.reports().find(({ sessionId }) => sessionId === id)?.state).toBe("running");
});

test("more shells can be opened, once each, and live on over a restart of the worker", async () => {
  const { id } = await launch(["sleep", "1000"]);
  const third = terminalIdSchema.parse(`third${process.pid}x`);
  const waiting = sessions.awaitTerminal(id, third);
  await Promise.all([
    sessions.openTerminal(id, third, { rows: 11, cols: 44 }),
    sessions.openTerminal(id, third, { rows: 11, cols: 44 }),
  ]);
  await type(await waiting, "mine=9; stty size", /11 44/);
  const { terminals } = await machine.report(id, (report) => report.terminals.length === 3);
  expect(terminals.map(({ kind }) => kind)).toEqual(["main", "shell", "shell"]);
  await nextProcess();
  await type(await sessions.awaitTerminal(id, third), "echo still-$mine", /still-9/);
});

test("a session has only so many terminals, and shells that have ended make room", async () => {
  const { id } = await launch(["sleep", "1000"]);
  const name = (number: number) => terminalIdSchema.parse(`more${process.pid}n${number}`);
  const size = { rows: 24, cols: 80 };
  for (let number = 2; number < MAX_TERMINALS; number += 1)
    await sessions.openTerminal(id, name(number), size);
  await expect(sessions.openTerminal(id, name(99), size)).rejects.toMatchObject({ code: "terminal-limit" });
  const first = await sessions.awaitTerminal(id, name(2));
  first?.write(Buffer.from("exit\n"));
  await machine.report(id, ({ terminals }) => terminals.some(({ exitCode }) => exitCode === 0));
  await sessions.openTerminal(id, name(99), size);
  expect(sessions.terminal(id, name(2))).toBeNull();
  expect(sessions.reports().at(-1)?.terminals).toHaveLength(MAX_TERMINALS);
});

test("who asks for a terminal before the launch is known gets it", async () => {
  sessions = await machine.sessions();
  const request = machine.request(await machine.image(["sh", "-c", "echo early; sleep 1000"]));
  const { main, shell } = request.terminals;
  const waiting = [
    sessions.awaitTerminal(request.sessionId, main),
    sessions.awaitTerminal(request.sessionId, shell),
  ];
  await sessions.launch(request);
  const [mainTerminal, shellTerminal] = await Promise.all(waiting);
  await screen(mainTerminal ?? null, /early/);
  await type(shellTerminal ?? null, "echo beside-$((1+1))", /beside-2/);
});

test("nobody waits for a terminal that will not come", async () => {
  const { id, request } = await launch(["sh"]);
  expect(await sessions.awaitTerminal(id, request.terminals.shell)).toBeNull();
  const broken = machine.request(await machine.image(["no-such-program"]));
  await sessions.launch(broken);
  expect(await sessions.awaitTerminal(broken.sessionId, broken.terminals.main)).toBeNull();
  expect(await sessions.awaitTerminal(broken.sessionId, broken.terminals.shell)).toBeNull();
});

test("commands for what does not run are refused with a reason", async () => {
  const { id } = await launch(["true"]);
  await ended(id);
  const unknown = sessionIdSchema.parse("nosuchsession");
  const terminal = terminalIdSchema.parse("nosuchterminal");
  const size = { rows: 24, cols: 80 };
  await expect(sessions.pause(unknown, true)).rejects.toMatchObject({ code: "session-missing" });
  await expect(sessions.pause(id, true)).rejects.toMatchObject({ code: "session-not-running" });
  await expect(sessions.openTerminal(id, terminal, size)).rejects.toMatchObject({
    code: "session-not-running",
  });
  await expect(sessions.exportChanges(id)).rejects.toMatchObject({ code: "session-files-gone" });
  await expect(sessions.saveImage(id, "slipway/mine")).rejects.toMatchObject({ code: "session-files-gone" });
});
