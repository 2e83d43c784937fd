import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type LimitEvent, type SessionLimits, sessionIdSchema } from "@slipway/protocol";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Cgroups } from "../../cgroup/cgroup.ts";
import { openCgroups } from "../../cgroup/open.ts";
import { LoopDisks } from "../../disk/loop-disks.ts";
import { openKernelLog } from "./kernel-log.ts";
import type { LimitWatch, WatchedSession } from "./limits.ts";
import { ScheduledLimitWatcher } from "./scheduled-limit-watcher.ts";

const MIB = 1024 ** 2;
const BASE = "/slipway-limits-test";
const LIMITS: SessionLimits = {
  memoryBytes: 32 * MIB,
  cpus: 1,
  pids: 20,
  diskBytes: 8 * MIB,
  openFiles: 64,
  networkBytesPerSecond: 1_000_000,
};
const NOTHING = { bytes: 0, packets: 0, droppedPackets: 0, heldPackets: 0 };

let cgroups: Cgroups;
let disks: LoopDisks;
let directory: string;
let sequence = 0;
const children: ChildProcess[] = [];
const watches: LimitWatch[] = [];
const failures: unknown[] = [];

beforeAll(async () => {
  cgroups = await openCgroups(BASE);
  directory = await mkdtemp(path.join(tmpdir(), "slipway-limits-"));
  disks = await LoopDisks.open(directory);
});
afterEach(async () => {
  for (const watch of watches.splice(0)) watch.stop();
  for (const child of children.splice(0)) child.kill("SIGKILL");
  for (const name of await cgroups.list()) await cgroups.remove(name);
  for (const name of await disks.list()) await disks.remove(name);
  expect(failures.splice(0)).toEqual([]);
});
afterAll(async () => {
  await cgroups.removeAll();
  await rm(directory, { recursive: true });
});

/** A group and a disk as a session has them, with a watch on it. */
async function watched(changes: { cpus?: number; watcher?: ScheduledLimitWatcher } = {}) {
  const limits = { ...LIMITS, cpus: changes.cpus ?? LIMITS.cpus };
  sequence += 1;
  const name = `s${process.pid}n${sequence}`.padEnd(10, "0");
  await cgroups.create(name, limits);
  const disk = await disks.create(name, LIMITS.diskBytes);
  const session: WatchedSession = {
    id: sessionIdSchema.parse(name),
    cgroup: cgroups.path(name),
    limits,
    ids: { firstHostId: 0, size: 65_536 },
    disk,
    network: {
      name,
      namespacePath: "",
      address: "",
      resolvConf: "",
      traffic: async () => ({ sent: NOTHING, received: NOTHING }),
    },
    expiresAt: () => Date.now() + 3_600_000,
    earlier: [],
  };
  const told: (readonly LimitEvent[])[] = [];
  const watcher = changes.watcher ?? makeWatcher();
  const watch = watcher.watch(session, (events) => told.push(events));
  watches.push(watch);
  return { name, disk, session, told, watch };
}

const makeWatcher = () =>
  new ScheduledLimitWatcher({
    cgroups,
    kernelLog: openKernelLog(),
    failed: (_, error) => failures.push(error),
  });

/** Runs a shell script in the group of a session. */
function inGroup(name: string, script: string): ChildProcess {
  const join = `for f in /sys/fs/cgroup/*${BASE}/${name}/cgroup.procs /sys/fs/cgroup${BASE}/${name}/cgroup.procs; do [ -e $f ] && echo $$ > $f; done;`;
  const child = spawn("sh", ["-c", `${join} ${script}`], { stdio: "ignore" });
  children.push(child);
  return child;
}

/** Alone in its group: while the kernel takes back the memory of one process, it may kill another one too. */
const BOMB = "exec sort /dev/zero";

const until = (told: (readonly LimitEvent[])[], limit: LimitEvent["limit"]) =>
  expect.poll(() => told.at(-1)?.find((event) => event.limit === limit), { timeout: 20_000 });

test("a process that is killed for memory is named with its size, and the same look knows it at once", async () => {
  const { name, watch } = await watched();
  await once(inGroup(name, BOMB), "exit");
  const [event, ...others] = await watch.look();
  expect(others).toEqual([]);
  expect(event).toMatchObject({
    limit: "memory",
    metric: { name: "memory.usage", unit: "bytes" },
    allowed: LIMITS.memoryBytes,
    process: { name: "sort", killed: true },
    count: 1,
  });
  expect(event?.metric.value).toBeGreaterThan(LIMITS.memoryBytes * 0.9);
  expect(event?.process?.memoryBytes).toBeGreaterThan(8 * MIB);
  expect(event?.process?.memoryBytes).toBeLessThanOrEqual(LIMITS.memoryBytes + 8 * MIB);
});

test("a kill is told once, also by the worker that comes after, and one that came meanwhile is told then", async () => {
  const { name, session, watch } = await watched();
  await once(inGroup(name, BOMB), "exit");
  const earlier = await watch.look();
  watch.stop();
  const second = makeWatcher().watch({ ...session, earlier }, () => {});
  watches.push(second);
  expect(await second.look()).toEqual(earlier);
  second.stop();
  await once(inGroup(name, BOMB), "exit");
  const third = makeWatcher().watch({ ...session, earlier }, () => {});
  watches.push(third);
  expect(await third.look()).toMatchObject([{ id: 0, limit: "memory", process: { name: "sort" }, count: 2 }]);
});

test("two sessions at the same time are told of their own kills only", async () => {
  const watcher = makeWatcher();
  const [first, second] = [await watched({ watcher }), await watched({ watcher })];
  await Promise.all([once(inGroup(first.name, BOMB), "exit"), once(inGroup(second.name, "true"), "exit")]);
  const kills = (events: readonly LimitEvent[]) => events.filter(({ limit }) => limit === "memory");
  expect(kills(await second.watch.look())).toEqual([]);
  expect(kills(await first.watch.look())).toHaveLength(1);
});

test("refused processes are told within seconds", async () => {
  const { name, told } = await watched();
  inGroup(name, "for i in $(seq 40); do sleep 30 & done; wait");
  await until(told, "pids").toMatchObject({ metric: { name: "pids.peak" }, allowed: LIMITS.pids });
});

test("a process with all files that it may have open is named, once for as long as it stays so", async () => {
  const { name, told, watch } = await watched();
  // The shell itself and the script take some numbers; all that remain of the 64 are used up here.
  const fill = `i=3; while [ $i -lt 64 ]; do eval "exec $i</dev/null"; i=$((i+1)); done`;
  inGroup(name, `exec bash -c '${fill}; sleep 30; :' greedy`);
  await until(told, "open-files").toMatchObject({
    metric: { name: "open-files.used", unit: "files" },
    allowed: LIMITS.openFiles,
    process: { name: "bash", killed: false, memoryBytes: null },
  });
  const files = (events: readonly LimitEvent[]) => events.filter(({ limit }) => limit === "open-files");
  const first = files(await watch.look());
  expect(files(await watch.look())).toEqual(first);
});

test("waiting for the processor is told after some seconds of it", async () => {
  const { name, told } = await watched({ cpus: 0.2 });
  inGroup(name, "(while :; do :; done) & (while :; do :; done) & while :; do :; done");
  await until(told, "cpu").toMatchObject({ metric: { name: "cpu.throttled" }, allowed: 0.2 });
});

test("a disk that is full of bytes, or of files, is told", async () => {
  const full = await watched();
  inGroup(full.name, `dd if=/dev/zero of=${full.disk.directory}/f bs=64k count=1000; sleep 30`);
  await until(full.told, "disk").toMatchObject({ metric: { name: "disk.used", unit: "bytes" }, count: 1 });
  const many = await watched();
  inGroup(many.name, `cd ${many.disk.directory}; for i in $(seq 900); do : > $i; done; sleep 30`);
  await until(many.told, "inodes").toMatchObject({ metric: { name: "inodes.used", unit: "files" } });
});

test("without the kernel's log a kill is told with its limit and nobody's name", async () => {
  const watcher = new ScheduledLimitWatcher({
    cgroups,
    kernelLog: openKernelLog("/nowhere/kmsg"),
    failed: (_, error) => failures.push(error),
  });
  const { name, watch } = await watched({ watcher });
  await once(inGroup(name, BOMB), "exit");
  expect(await watch.look()).toMatchObject([{ limit: "memory", process: null, allowed: LIMITS.memoryBytes }]);
});

test("two hundred idle sessions cost less than a fiftieth of a core", async () => {
  const watcher = makeWatcher();
  const { session } = await watched({ watcher });
  for (let index = 0; index < 200; index += 1) {
    const name = `idle${process.pid}n${index}`;
    await cgroups.create(name, LIMITS);
    watches.push(watcher.watch({ ...session, cgroup: cgroups.path(name) }, () => {}));
  }
  // The first round looks at all of them.
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  const shares: number[] = [];
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const [started, before] = [performance.now(), process.cpuUsage()];
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const { user, system } = process.cpuUsage(before);
    shares.push((user + system) / 1000 / (performance.now() - started));
  }
  console.log(`200 idle sessions: ${shares.map((share) => (share * 100).toFixed(2)).join(", ")} % of a core`);
  expect(Math.min(...shares)).toBeLessThan(0.02);
});

test("a watch holds one file, and none when it is stopped", async () => {
  const watcher = makeWatcher();
  const before = (await readdir("/proc/self/fd")).length;
  for (let index = 0; index < 5; index += 1) await (await watched({ watcher })).watch.look();
  expect((await readdir("/proc/self/fd")).length).toBe(before + 5);
  for (const watch of watches) watch.stop();
  expect((await readdir("/proc/self/fd")).length).toBe(before);
});
