import { readFile } from "node:fs/promises";
import { cpus } from "node:os";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { HOSTILE_LIMITS, HostileMachine, type Subject } from "./hostile-fixture.ts";

const MIB = 1024 ** 2;
const { memoryBytes } = HOSTILE_LIMITS;
const PAGE_BYTES = 4096;
/** Each processor keeps so much of the protocols' memory beside the count (SK_MEMORY_PCPU_RESERVE, net/sock.h), before and after. */
const COUNT_ERROR_BYTES = 2 * cpus().length * MIB;

let hostile: HostileMachine;
beforeAll(async () => {
  hostile = await HostileMachine.make();
});
afterEach(() => hostile.calm());
afterAll(() => hostile.dispose());

/** Nothing that a session holds is beyond its limit, whatever kind of memory it is. */
async function expectBounded(attacker: Subject): Promise<void> {
  expect((await hostile.usage(attacker)).memoryBytes).toBeLessThanOrEqual(memoryBytes);
}

test("a memory bomb is killed, named with its size, and its shell goes on", async () => {
  const attacker = await hostile.attacker();
  attacker.screen.type("attack memory 10000; echo over-$?");
  await attacker.screen.until(/over-137/);
  const event = await hostile.event(attacker, "memory");
  expect(event).toMatchObject({
    metric: { name: "memory.usage", unit: "bytes" },
    allowed: memoryBytes,
    process: { name: "memory", killed: true },
  });
  expect(event.process?.memoryBytes).toBeGreaterThan(memoryBytes / 2);
  expect(event.process?.memoryBytes).toBeLessThanOrEqual(memoryBytes + 8 * MIB);
  await hostile.expectUnharmed(attacker);
});

test("a bomb of many small processes meets the same limit, and is one event that counts", async () => {
  const attacker = await hostile.attacker();
  attacker.screen.type("attack small-memories 60 > /dev/null");
  const event = await hostile.event(attacker, "memory");
  expect(event).toMatchObject({ allowed: memoryBytes, process: { killed: true } });
  await expect
    .poll(() => hostile.report(attacker).limitEvents.reduce((sum, { count }) => sum + count, 0), {
      timeout: 60_000,
    })
    .toBeGreaterThan(3);
  expect(hostile.report(attacker).limitEvents.length).toBeLessThanOrEqual(4);
  await expectBounded(attacker);
  await hostile.expectUnharmed(attacker);
});

test("a hostile name of a killed process arrives as a name, and harms no screen", async () => {
  const attacker = await hostile.attacker();
  attacker.screen.type(`attack named "$(printf 'x,pid=1\\033[31m\\n')"; echo over-$?`);
  await attacker.screen.until(/over-137/);
  const { process } = await hostile.event(attacker, "memory");
  expect(process?.name).toBe("x,pid=1\u{fffd}[31m");
  await hostile.expectUnharmed(attacker);
});

test("an end for memory names the main process, its size and its pid", async () => {
  const attacker = await hostile.attacker();
  attacker.screen.type("sleep 2; exec attack memory 10000");
  const { sessionId } = attacker.request;
  const ended = await hostile.machine.report(sessionId, ({ state }) => state === "ended");
  expect(ended.end?.cause).toBe("out-of-memory");
  expect(ended.limitEvents).toMatchObject([
    { limit: "memory", allowed: memoryBytes, process: { name: "memory", pid: 1, killed: true } },
  ]);
  await hostile.expectUnharmed(attacker);
});

test("files in /dev/shm and in other file systems in memory count as memory", async () => {
  const attacker = await hostile.attacker();
  attacker.screen.type(
    "(attack fill /dev/shm/file; echo over-$?) & (attack fill /dev/file; echo over-$?) & wait",
  );
  const event = await hostile.event(attacker, "memory");
  expect(event).toMatchObject({ allowed: memoryBytes, process: { killed: true } });
  await expectBounded(attacker);
  await hostile.expectUnharmed(attacker);
});

test.each([
  ["pipes", "pipes 60"],
  ["sockets between processes", "unix-sockets 60"],
  ["shared memory of System V", "segments"],
  ["epoll instances", "epolls 60"],
])("memory of the kernel counts: %s", async (_, way) => {
  const attacker = await hostile.attacker();
  attacker.screen.type(`attack ${way}; echo over-$?`);
  const event = await hostile.event(attacker, "memory");
  expect(event).toMatchObject({ allowed: memoryBytes, process: { killed: true } });
  await expectBounded(attacker);
  await hostile.expectUnharmed(attacker);
});

test("message queues of POSIX are few and small", async () => {
  const attacker = await hostile.attacker();
  attacker.screen.type("attack queues");
  await attacker.screen.until(/held queues \d+ (EMFILE|ENOSPC|ENOMEM)/);
  await expectBounded(attacker);
  await hostile.expectUnharmed(attacker);
});

test.each([
  ["datagrams", "UDP", "udp-sockets 60"],
  ["connections", "TCP", "tcp-sockets 60"],
])("memory of %s that nobody reads is bounded by the limit of memory", async (_, protocol, way) => {
  const held = async () => {
    const line = (await readFile("/proc/net/sockstat", "utf8"))
      .split("\n")
      .find((text) => text.startsWith(protocol));
    return Number(/ mem (\d+)/.exec(line ?? "")?.[1] ?? 0) * PAGE_BYTES;
  };
  const before = await held();
  const attacker = await hostile.attacker();
  attacker.screen.type(`attack ${way}; echo over-$?`);
  await attacker.screen.until(/held processes|over-\d/);
  console.log(`${protocol}: ${Math.round(((await held()) - before) / 1024 / 1024)} MiB held`);
  expect((await held()) - before).toBeLessThanOrEqual(memoryBytes + COUNT_ERROR_BYTES);
  await hostile.expectUnharmed(attacker);
});
