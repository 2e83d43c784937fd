import { readFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { HOSTILE_LIMITS, HostileMachine } from "./hostile-fixture.ts";
import { Screen } from "./screen.ts";

const { pids } = HOSTILE_LIMITS;
/** Low, so that it is reached on a machine that does other things as well. */
const cpus = 0.2;

let hostile: HostileMachine;
beforeAll(async () => {
  hostile = await HostileMachine.make();
});
afterEach(() => hostile.calm());
afterAll(() => hostile.dispose());

test("a fork bomb stops at the limit of processes, is told, and stop ends it", async () => {
  const attacker = await hostile.attacker();
  attacker.screen.type("attack fork-bomb &");
  const event = await hostile.event(attacker, "pids");
  expect(event).toMatchObject({
    metric: { name: "pids.peak", unit: "processes" },
    allowed: pids,
    process: null,
  });
  expect((await hostile.usage(attacker)).pids).toBeLessThanOrEqual(pids);
  await hostile.expectUnharmed(attacker);
});

test("dead children that nobody waits for count as processes", async () => {
  const attacker = await hostile.attacker();
  attacker.screen.type("attack zombies");
  await attacker.screen.until(/held zombies \d+ EAGAIN/);
  expect(await hostile.event(attacker, "pids")).toMatchObject({ allowed: pids });
  expect((await hostile.usage(attacker)).pids).toBeLessThanOrEqual(pids);
  await hostile.expectUnharmed(attacker);
});

test("a session without a free process is stopped as any other", async () => {
  const attacker = await hostile.attacker();
  attacker.screen.type("attack children 1000");
  await attacker.screen.until(/held children \d+ EAGAIN/);
  await hostile.event(attacker, "pids");
  await hostile.stop(attacker);
  expect(hostile.report(attacker).end?.cause).toBe("stopped-by-owner");
  await hostile.expectUnharmed(attacker);
});

test("processes that stand still and ignore every signal are stopped as any other", async () => {
  const attacker = await hostile.attacker();
  attacker.screen.type(
    "trap '' TERM HUP INT; (trap '' TERM HUP; attack children 20) & sleep 1; kill -STOP -1; kill -STOP $$",
  );
  await attacker.screen.until(/held children/);
  await hostile.expectUnharmed(attacker);
});

test("what burns processor time gets its share, is told, and the neighbour has its own", async () => {
  const attacker = await hostile.attacker({ cpus });
  attacker.screen.type("attack burn 16");
  const event = await hostile.event(attacker, "cpu");
  expect(event).toMatchObject({ metric: { name: "cpu.throttled", unit: "percent" }, allowed: cpus });
  expect(event.metric.value).toBeGreaterThanOrEqual(50);
  const before = await hostile.usage(attacker);
  const started = performance.now();
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const used = (await hostile.usage(attacker)).cpuMicroseconds - before.cpuMicroseconds;
  expect(used / 1000 / (performance.now() - started)).toBeLessThan(cpus * 1.2);
  await hostile.expectUnharmed(attacker);
});

test("processes of a session are the first to end when the machine runs out of memory, those of the worker the last", async () => {
  const attacker = await hostile.attacker();
  const { sessionId, terminals } = attacker.request;
  const score = "cat /proc/self/oom_score_adj; echo score-$((1+1))";
  attacker.screen.type(score);
  expect(await attacker.screen.until(/score-2/)).toMatch(/\r\n500\r\n/);
  await hostile.sessions.openTerminal(sessionId, terminals.shell, { rows: 24, cols: 80 });
  const beside = await Screen.of(await hostile.sessions.awaitTerminal(sessionId, terminals.shell));
  beside.type(score);
  expect(await beside.until(/score-2/)).toMatch(/\r\n500\r\n/);
  // Where this process may lower its own, it does (host-limits.ts), and containers don't inherit that.
  expect(Number(await readFile("/proc/self/oom_score_adj", "utf8"))).toBeLessThanOrEqual(0);
  await hostile.expectUnharmed(attacker);
});

test("a session can neither change its own limits nor speak for the kernel", async () => {
  const attacker = await hostile.attacker();
  const denied = [
    "echo 9999 > /sys/fs/cgroup/pids/pids.max",
    "echo 9999999999 > /sys/fs/cgroup/memory/memory.limit_in_bytes",
    "echo max > /sys/fs/cgroup/memory.max",
    "mkdir /sys/fs/cgroup/memory/mine",
    "mkdir /sys/fs/cgroup/mine",
    "mount -t cgroup -o memory none /tmp",
    "mount -o remount,rw /sys/fs/cgroup",
    "test -c /dev/kmsg",
    "mknod /tmp/kmsg c 1 11 && echo x > /tmp/kmsg",
    "echo -1000 > /proc/1/oom_score_adj",
    "echo 1 > /proc/sys/fs/file-max",
    "dmesg",
  ];
  for (const [index, command] of denied.entries()) {
    attacker.screen.type(
      `(${command}) > /dev/null 2>&1 && echo went-$((${index}+100)) || echo refused-$((${index}+100))`,
    );
    expect(await attacker.screen.until(new RegExp(`(went|refused)-${index + 100}`))).toContain("refused");
  }
  await hostile.expectUnharmed(attacker);
});
