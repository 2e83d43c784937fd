import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, afterEach, beforeEach, expect, test } from "vitest";
import type { Cgroups } from "./cgroup.ts";
import { openCgroups } from "./open.ts";
import { removeTestBase, TEST_CGROUP_BASE } from "./test-base.ts";

const MIB = 1024 * 1024;
const limits = { memoryBytes: 64 * MIB, cpus: 0.5, pids: 20 };

let cgroups: Cgroups;
let name: string;
const children: ChildProcess[] = [];

beforeEach(async () => {
  name = `test-${process.pid}-${Math.random().toString(36).slice(2, 8)}`;
  cgroups = await openCgroups(TEST_CGROUP_BASE);
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  await cgroups.remove(name);
});

afterAll(removeTestBase);

/** Runs a shell script in the group, in all hierarchies that it exists in. */
function inGroup(script: string): ChildProcess {
  const join = `for f in /sys/fs/cgroup/*/slipway-test/${name}/cgroup.procs /sys/fs/cgroup/slipway-test/${name}/cgroup.procs; do [ -e $f ] && echo $$ > $f; done;`;
  const child = spawn("sh", ["-c", `${join} ${script}`], { stdio: ["ignore", "pipe", "pipe"] });
  children.push(child);
  return child;
}

test("creating is idempotent and the group is listed until it is removed", async () => {
  await cgroups.create(name, limits);
  await cgroups.create(name, { ...limits, memoryBytes: 128 * MIB });
  await cgroups.create(name, { ...limits, memoryBytes: 32 * MIB });
  expect(await cgroups.list()).toContain(name);
  await cgroups.remove(name);
  await cgroups.remove(name);
  expect(await cgroups.list()).not.toContain(name);
});

test("removing kills what runs in it", async () => {
  await cgroups.create(name, limits);
  const child = inGroup("sleep 100 & sleep 100");
  const exited = once(child, "exit");
  await expect.poll(async () => (await cgroups.pids(cgroups.path(name))).length).toBeGreaterThan(1);
  expect((await cgroups.usage(cgroups.path(name))).pids).toBeGreaterThan(1);
  await cgroups.remove(name);
  await exited;
  expect(await cgroups.pids(cgroups.path(name))).toEqual([]);
});

test("memory beyond the limit kills and is counted", async () => {
  await cgroups.create(name, limits);
  const child = inGroup("tail -c 200M /dev/zero | tail -c 200M > /dev/null; sleep 0.2");
  await once(child, "exit");
  expect(await cgroups.oomKills(cgroups.path(name))).toBeGreaterThan(0);
});

test("more processes than the limit are refused", async () => {
  await cgroups.create(name, limits);
  const child = inGroup("for i in $(seq 40); do sleep 5 & done; wait");
  let stderr = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  await expect.poll(() => stderr).toContain("fork");
  expect((await cgroups.usage(cgroups.path(name))).pids).toBeLessThanOrEqual(20);
});

test("processor time is limited and counted", async () => {
  await cgroups.create(name, limits);
  inGroup("while :; do :; done");
  await expect.poll(async () => (await cgroups.usage(cgroups.path(name))).cpuMicroseconds).toBeGreaterThan(0);
  const before = (await cgroups.usage(cgroups.path(name))).cpuMicroseconds;
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const used = (await cgroups.usage(cgroups.path(name))).cpuMicroseconds - before;
  expect(used).toBeLessThan(750_000);
});

test("paths outside are refused", async () => {
  for (const hostile of ["/", "/slipway-test", "/slipway-test/../x", "/process_api", "/slipway-test/a//b"]) {
    await expect(cgroups.removePath(hostile)).rejects.toThrow("Not a control group");
  }
  await expect(cgroups.remove("../x")).rejects.toThrow("Not the name");
});

test("what met a limit is counted, the processes that are there are named, and the clock runs", async () => {
  await cgroups.create(name, limits);
  const group = cgroups.path(name);
  const clock = cgroups.cpuClock(group);
  try {
    await once(inGroup("exec sort /dev/zero"), "exit");
    const counters = cgroups.counters(group);
    expect(counters.oomKills).toBeGreaterThan(0);
    expect(counters.peakMemoryBytes).toBeGreaterThan(limits.memoryBytes / 2);
    expect(clock.read()).toBeGreaterThan(0);
    inGroup("for i in $(seq 40); do sleep 30 & done; wait");
    await expect.poll(() => cgroups.somePids(group, 5).length, { timeout: 10_000 }).toBe(5);
    await expect.poll(() => cgroups.counters(group).refusedForks).toBeGreaterThan(0);
    inGroup("while :; do :; done");
    await expect.poll(() => cgroups.counters(group).throttledPeriods, { timeout: 10_000 }).toBeGreaterThan(0);
    expect(cgroups.counters(group).throttledMicroseconds).toBeGreaterThan(0);
    await cgroups.remove(name);
    expect(clock.read()).toBeNaN();
  } finally {
    clock.close();
    clock.close();
  }
  expect(clock.read()).toBeNaN();
});

test("a group that is missing has met nothing", () => {
  const missing = cgroups.path("missing");
  expect(cgroups.counters(missing)).toMatchObject({ oomKills: 0, refusedForks: 0, throttledPeriods: 0 });
  expect(cgroups.somePids(missing, 5)).toEqual([]);
  expect(cgroups.cpuClock(missing).read()).toBeNaN();
});
