import { readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { HOSTILE_LIMITS, HostileMachine } from "./hostile-fixture.ts";

const { openFiles, memoryBytes } = HOSTILE_LIMITS;

let hostile: HostileMachine;
beforeAll(async () => {
  hostile = await HostileMachine.make();
});
afterEach(() => hostile.calm());
afterAll(() => hostile.dispose());

test("a process that opens all files it may is told by name and pid", async () => {
  const attacker = await hostile.attacker();
  attacker.screen.type("attack descriptors");
  await attacker.screen.until(/held descriptors \d+ EMFILE/);
  const event = await hostile.event(attacker, "open-files");
  expect(event).toMatchObject({
    metric: { name: "open-files.used", value: openFiles, unit: "files" },
    allowed: openFiles,
    process: { name: "descriptors", killed: false, memoryBytes: null },
  });
  expect(event.process?.pid).toBeGreaterThan(1);
  await hostile.expectUnharmed(attacker);
});

test("open files of as many processes as there may be leave everybody else theirs", async () => {
  const attacker = await hostile.attacker();
  attacker.screen.type("attack many-descriptors");
  await attacker.screen.until(/held processes \d+ EAGAIN/);
  await hostile.event(attacker, "open-files");
  await hostile.event(attacker, "pids");
  expect((await hostile.usage(attacker)).memoryBytes).toBeLessThanOrEqual(memoryBytes);
  expect(hostile.report(attacker).limitEvents.length).toBeLessThanOrEqual(8);
  await hostile.expectUnharmed(attacker);
});

test("what the kernel counts by user is bounded by memory alone: inotify instances of one leave another's", async () => {
  const attacker = await hostile.attacker({ openFiles: 16_384 });
  attacker.screen.type("attack inotifies");
  await attacker.screen.until(/held inotify 1\d{4} EMFILE/);
  const other = await hostile.attacker({ openFiles: 1_000 });
  other.screen.type("attack inotifies");
  await other.screen.until(/held inotify 99\d EMFILE/);
  await hostile.stop(other);
  await hostile.expectUnharmed(attacker);
});

/** Only with CAP_SYS_RESOURCE does a worker's limit go away that the kernel counts for all sessions (host-limits.ts). */
const isUnlimited = () => /^Max pending signals\s+unlimited/m.test(readFileSync("/proc/self/limits", "utf8"));

test("timers of one session leave another's, where the worker may lift its own limits", async (context) => {
  if (!isUnlimited()) context.skip("this machine gives root no CAP_SYS_RESOURCE");
  const attacker = await hostile.attacker();
  attacker.screen.type("attack timers 200000; echo over-$?");
  await attacker.screen.until(/held timers|over-1/);
  const other = await hostile.attacker();
  other.screen.type("attack timers 1000");
  await other.screen.until(/held timers 1000 /);
  await hostile.stop(other);
  await hostile.expectUnharmed(attacker);
});

test("ten thousand listening ports are found in bounded time, and as many are told as a report holds", async () => {
  const attacker = await hostile.attacker({ openFiles: 16_384, memoryBytes: 256 * 1024 ** 2 });
  attacker.screen.type("attack listeners 10000");
  expect(await attacker.screen.until(/held listening \d+/)).toContain("10000");
  await expect.poll(() => hostile.report(attacker).ports.length, { timeout: 15_000 }).toBe(64);
  const before = process.cpuUsage();
  const started = performance.now();
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const { user, system } = process.cpuUsage(before);
  console.log(
    `10,000 listening ports: ${((user + system) / 10 / (performance.now() - started)).toFixed(1)} % of a core`,
  );
  await hostile.expectUnharmed(attacker);
});
