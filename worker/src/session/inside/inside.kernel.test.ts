import { readlinkSync } from "node:fs";
import { sessionInsideSchema, sessionUsageSchema } from "@slipway/protocol";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Sessions } from "../session.ts";
import { TestMachine } from "../test-machine.ts";

let machine: TestMachine;
let sessions: Sessions;
beforeAll(async () => {
  machine = await TestMachine.make();
});
afterEach(() => sessions.endAll());
afterAll(() => machine.dispose());

async function launch(cmd: readonly string[]) {
  sessions = await machine.sessions();
  const request = machine.request(await machine.image(cmd));
  await sessions.launch(request);
  await sessions.awaitTerminal(request.sessionId, request.terminals.main);
  await machine.report(request.sessionId, ({ state }) => state === "running");
  return request;
}

test("a session's processes are told with their numbers on both sides, and what its container has of its own", async () => {
  const { sessionId } = await launch(["sh", "-c", "sleep 1111 & exec sleep 2222"]);
  await machine.until("both run", async () => {
    const { processes } = await sessions.inside(sessionId);
    return ["1111", "2222"].every((end) => processes.some(({ command }) => command === `sleep ${end}`));
  });
  const inside = sessionInsideSchema.parse(await sessions.inside(sessionId));
  const [container] = inside.containers;
  const main = inside.processes.find(({ command }) => command === "sleep 2222");
  const child = inside.processes.find(({ command }) => command === "sleep 1111");

  expect(inside.cut).toBe(false);
  expect(main).toMatchObject({ pid: 1, uid: 0, container: container?.id });
  expect(main?.hostPid).toBeGreaterThan(1);
  expect(main?.hostUid).toBe(container?.uids[0]?.outside);
  expect(child?.parentHostPid).toBe(main?.hostPid);
  expect(child?.pid).toBeGreaterThan(1);

  expect(inside.containers).toHaveLength(1);
  expect(container).toMatchObject({ main: true, noNewPrivileges: true, seccomp: true });
  expect(container?.uids[0]).toMatchObject({ inside: 0 });
  expect(container?.uids[0]?.outside).toBeGreaterThan(0);
  expect(container?.capabilities).toContain("CAP_CHOWN");
  expect(container?.capabilities).not.toContain("CAP_SYS_ADMIN");
  for (const { kind, id, of } of container?.namespaces ?? []) {
    expect(readlinkSync(`/proc/${main?.hostPid}/ns/${kind}`)).toBe(`${kind}:[${id}]`);
    const isWorkers = readlinkSync(`/proc/self/ns/${kind}`) === `${kind}:[${id}]`;
    expect(of, kind).toBe(isWorkers ? "worker" : "own");
    if (kind !== "time") expect(isWorkers, kind).toBe(false);
  }
});

test("what a session uses rises when it is used, and has the limits of its disk", async () => {
  const { sessionId, limits } = await launch([
    "sh",
    "-c",
    "head -c 3000000 /dev/zero > /filled; i=0; while true; do i=$((i+1)); done",
  ]);
  const first = sessionUsageSchema.parse(await sessions.usage(sessionId));
  await machine.until("it has worked and written", async () => {
    const next = await sessions.usage(sessionId);
    return next.cpuMicroseconds > first.cpuMicroseconds + 100_000 && next.disk.usedBytes > 3_000_000;
  });
  const { disk, pids, memoryBytes } = await sessions.usage(sessionId);
  expect(disk.limitBytes).toBeLessThanOrEqual(limits.diskBytes);
  expect(disk.limitBytes).toBeGreaterThan(disk.usedBytes);
  expect(pids).toBeGreaterThanOrEqual(1);
  expect(memoryBytes).toBeGreaterThan(0);
});

test("there is nothing to see of a session that has ended", async () => {
  const { sessionId } = await launch(["sh", "-c", "exit 0"]);
  await machine.report(sessionId, ({ state }) => state === "ended");
  await expect(sessions.usage(sessionId)).rejects.toMatchObject({ code: "session-not-running" });
  await expect(sessions.inside(sessionId)).rejects.toMatchObject({ code: "session-not-running" });
});
