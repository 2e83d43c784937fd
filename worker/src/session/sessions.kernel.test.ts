import type { TerminalId } from "@slipway/protocol";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { screen } from "./screen-fixture.ts";
import type { Sessions } from "./session.ts";
import { TestMachine } from "./test-machine.ts";

let machine: TestMachine;
let sessions: Sessions;
beforeAll(async () => {
  machine = await TestMachine.make();
});
afterEach(() => sessions.endAll());
afterAll(() => machine.dispose());

async function launch(cmd: readonly string[], changes = {}) {
  sessions = await machine.sessions();
  const request = machine.request(await machine.image(cmd), changes);
  await sessions.launch(request);
  return request;
}
const terminal = (request: { sessionId: Parameters<Sessions["terminal"]>[0] }, id: TerminalId) =>
  sessions.terminal(request.sessionId, id);

test("a session runs the image's command and a shell beside it, and nothing is left of it after the stop", async () => {
  const request = await launch(["sleep", "1000"]);
  const running = await machine.report(request.sessionId, (report) => report.terminals.length === 2);
  expect(running.state).toBe("running");
  expect(running.terminals.map((entry) => entry.kind)).toEqual(["main", "shell"]);
  const shell = terminal(request, request.terminals.shell);
  shell?.write(Buffer.from("ps | cat; hostname; id -u\n"));
  const text = await screen(shell, /sleep 1000[\s\S]*0\r?\n/);
  expect(text).toMatch(/[0-9a-f]{12}\r\n/);
  await sessions.stop(request.sessionId);
  const ended = await machine.report(request.sessionId, (report) => report.state === "ended");
  expect(ended.end?.cause).toBe("stopped-by-owner");
  expect(await machine.leftOvers()).toEqual([]);
});

test("a command that comes to its end ends the session with its exit code, and its output can still be read", async () => {
  const request = await launch(["sh", "-c", "echo so long; exit 3"]);
  const ended = await machine.report(request.sessionId, (report) => report.state === "ended");
  expect(ended.end).toMatchObject({ cause: "command-exited", exitCode: 3 });
  await screen(terminal(request, request.terminals.main), /so long/);
  expect(await machine.leftOvers()).toEqual([]);
});

test("a command that does not exist ends the session and says which", async () => {
  const request = await launch(["no-such-program"]);
  const ended = await machine.report(request.sessionId, (report) => report.state === "ended");
  expect(ended.end).toMatchObject({ cause: "launch-failed", error: { code: "command-not-found" } });
  expect(await machine.leftOvers()).toEqual([]);
});

test("memory is limited for the session as a whole, and the end says so", async () => {
  const request = await launch(["sh", "-c", "tail /dev/zero"]);
  const ended = await machine.report(request.sessionId, (report) => report.state === "ended");
  expect(ended.end?.cause).toBe("out-of-memory");
  expect(ended.end?.metric).toMatchObject({ name: "memory.usage", unit: "bytes" });
  expect(ended.end?.metric?.value).toBeGreaterThan(request.limits.memoryBytes / 2);
  expect(ended.limitEvents).toMatchObject([{ limit: "memory", process: { name: "tail", killed: true } }]);
});

test("a full disk is the session's own trouble: writing fails inside, the session goes on", async () => {
  const request = await launch(["sh"]);
  await machine.report(request.sessionId, (report) => report.state === "running");
  const main = terminal(request, request.terminals.main);
  main?.write(Buffer.from("dd if=/dev/zero of=/big bs=1M count=64; echo still-$((1+1))\n"));
  expect(await screen(main, /still-2/)).toMatch(/No space left/);
});

test("a listening port, even one below 1024, is reported beside the exposed one", async () => {
  const request = await launch(["nc", "-l", "-p", "80"]);
  const report = await machine.report(request.sessionId, ({ ports }) => ports.some((port) => port.listening));
  expect(report.ports).toEqual([
    { port: 80, exposed: false, listening: true, loopbackOnly: false },
    { port: 9000, exposed: true, listening: false, loopbackOnly: false },
  ]);
});

test("a session ends when its time is up", async () => {
  const request = await launch(["sleep", "1000"], { expiresAt: Date.now() + 1_500 });
  const ended = await machine.report(request.sessionId, (report) => report.state === "ended");
  expect(ended.end?.cause).toBe("expired");
});

test("a worker that comes after a kill adopts the session: the same shell, with what it printed meanwhile", async () => {
  const request = await launch(["sh"]);
  await machine.report(request.sessionId, (report) => report.state === "running");
  terminal(request, request.terminals.main)?.write(Buffer.from("kept=7; (sleep 1; echo late-$((40+2))) &\n"));
  await sessions.release();
  sessions = await machine.sessions();
  await sessions.recover();
  const adopted = sessions.reports().find((report) => report.sessionId === request.sessionId);
  expect(adopted?.state).toBe("running");
  const main = terminal(request, request.terminals.main);
  await screen(main, /late-42/);
  main?.write(Buffer.from("echo mine-$kept\n"));
  await screen(main, /mine-7/);
});

test("a launch that a kill cut off is ended, and what belongs to no session is removed", async () => {
  sessions = await machine.sessions();
  await machine.parts.disks.create("orphan", 16 * 1024 * 1024);
  await machine.parts.cgroups.create("orphan", { memoryBytes: 2 ** 26, cpus: 1, pids: 10 });
  await machine.parts.network.create("orphan", { egress: "none", bytesPerSecond: 1_000_000 });
  const { swept } = await sessions.recover();
  await swept;
  expect(await machine.leftOvers()).toEqual([]);
});
