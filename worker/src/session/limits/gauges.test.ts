import { sessionIdSchema } from "@slipway/protocol";
import { expect, test } from "vitest";
import type { CgroupCounters } from "../../cgroup/cgroup.ts";
import type { DiskUsage } from "../../disk/disk.ts";
import type { NetworkTraffic } from "../../network/network.ts";
import { CPU_WINDOW_MS, CpuGauge } from "./cpu-gauge.ts";
import { DiskGauge } from "./disk-gauge.ts";
import type { WatchedSession } from "./limits.ts";
import { MemoryGauge } from "./memory-gauge.ts";
import { NetworkGauge } from "./network-gauge.ts";
import type { OomKill } from "./oom-lines.ts";
import { PidsGauge } from "./pids-gauge.ts";
import { TimeGauge } from "./time-gauge.ts";

const MIB = 1024 ** 2;
const SECOND = 1_000;
const counters = (changes: Partial<CgroupCounters>): CgroupCounters => ({
  oomKills: 0,
  peakMemoryBytes: 0,
  refusedForks: 0,
  throttledPeriods: 0,
  throttledMicroseconds: 0,
  ...changes,
});

/** A session whose figures a test sets. */
function session() {
  const figures = {
    disk: { usedBytes: 0, limitBytes: 100 * MIB, usedInodes: 0, limitInodes: 1000 } satisfies DiskUsage,
    sent: { bytes: 0, packets: 0, droppedPackets: 0, heldPackets: 0 },
    expiresAt: 0,
  };
  const received = { bytes: 0, packets: 0, droppedPackets: 0, heldPackets: 0 };
  const traffic = async (): Promise<NetworkTraffic> => ({ sent: { ...figures.sent }, received });
  const watched: WatchedSession = {
    id: sessionIdSchema.parse("s123456789"),
    cgroup: "/slipway/s1",
    limits: {
      memoryBytes: 64 * MIB,
      cpus: 0.5,
      pids: 64,
      diskBytes: 100 * MIB,
      openFiles: 256,
      networkBytesPerSecond: 1_000_000,
    },
    ids: { firstHostId: 1000, size: 1000 },
    disk: { name: "s1", directory: "/nowhere", usage: async () => figures.disk },
    network: { name: "s1", namespacePath: "", address: "", resolvConf: "", traffic },
    expiresAt: () => figures.expiresAt,
    earlier: [],
  };
  return { figures, watched };
}

const logOf = (kills: OomKill[]) => ({
  take: (fits: (kill: OomKill) => boolean) => kills.splice(0).filter(fits),
  close: () => {},
});
const KILL: OomKill = { pid: 77, name: "node", uid: 1001, memoryBytes: 60 * MIB, cgroup: "/slipway/s1/main" };

test("a kill for memory says who, at what size and of what limit", async () => {
  const gauge = new MemoryGauge(session().watched, logOf([KILL]), { told: 0, containerPid: () => 5 });
  const look = { now: 1, counters: counters({ oomKills: 1, peakMemoryBytes: 64 * MIB }) };
  expect(await gauge.look(look)).toEqual([
    {
      limit: "memory",
      metric: { name: "memory.usage", value: 64 * MIB, unit: "bytes" },
      allowed: 64 * MIB,
      process: { name: "node", pid: 5, memoryBytes: 60 * MIB, killed: true },
      times: 1,
    },
  ]);
  expect(await gauge.look(look)).toEqual([]);
});

test("kills of other sessions are theirs, by group and by user", async () => {
  const others = [
    { ...KILL, cgroup: "/slipway/s12/main" },
    { ...KILL, cgroup: null, uid: 2000 },
    { ...KILL, cgroup: null, uid: 999 },
  ];
  const gauge = new MemoryGauge(session().watched, logOf(others), { told: 0, containerPid: () => 5 });
  const [reached] = await gauge.look({ now: 1, counters: counters({ oomKills: 1 }) });
  expect(reached).toMatchObject({ limit: "memory", process: null, metric: { value: 64 * MIB } });
});

test("a kill that the log names by its user alone is the session's whose user it is", async () => {
  const gauge = new MemoryGauge(session().watched, logOf([{ ...KILL, cgroup: null }]), {
    told: 0,
    containerPid: () => null,
  });
  const [reached] = await gauge.look({ now: 1, counters: counters({ oomKills: 1 }) });
  expect(reached?.process).toMatchObject({ name: "node", pid: null });
});

test("kills that the log tells nothing of are counted, and those told before a restart are not told again", async () => {
  const gauge = new MemoryGauge(session().watched, logOf([KILL]), { told: 2, containerPid: () => null });
  expect(await gauge.look({ now: 1, counters: counters({ oomKills: 2 }) })).toEqual([]);
  const found = await gauge.look({ now: 2, counters: counters({ oomKills: 9 }) });
  expect(found.map(({ process, times }) => [process?.name, times])).toEqual([
    ["node", 1],
    ["node", 6],
  ]);
});

test("waiting for the processor in most periods of a while is told, and not in some", () => {
  const { watched } = session();
  const percent = (throttledPeriods: number) => {
    const gauge = new CpuGauge(watched);
    gauge.look({ now: 0, counters: counters({}) });
    return gauge.look({ now: CPU_WINDOW_MS, counters: counters({ throttledPeriods }) });
  };
  expect(percent(20)).toEqual([]);
  expect(percent(45)).toMatchObject([
    { limit: "cpu", metric: { name: "cpu.throttled", value: 90, unit: "percent" }, allowed: 0.5 },
  ]);
});

test("a look after a long time of nothing doesn't take the waiting of before for one of now", () => {
  const gauge = new CpuGauge(session().watched);
  gauge.look({ now: 0, counters: counters({}) });
  const later = { now: 30 * SECOND, counters: counters({ throttledPeriods: 250 }) };
  expect(gauge.look(later)).toEqual([]);
});

test("refused processes are told once a look, and after a restart only new ones", () => {
  const { watched } = session();
  const fresh = new PidsGauge(watched, false);
  const reached = fresh.look({ now: 1, counters: counters({ refusedForks: 5000 }) });
  expect(reached).toMatchObject([{ limit: "pids", allowed: 64, times: 1 }]);
  expect(fresh.look({ now: 2, counters: counters({ refusedForks: 5000 }) })).toEqual([]);
  const told = new PidsGauge(watched, true);
  expect(told.look({ now: 1, counters: counters({ refusedForks: 5000 }) })).toEqual([]);
  expect(told.look({ now: 2, counters: counters({ refusedForks: 5001 }) })).toHaveLength(1);
});

test("a disk is told when it gets full, not while it stays so, and again after it had room", async () => {
  const { watched, figures } = session();
  const gauge = new DiskGauge(watched, []);
  const used = async (usedBytes: number, usedInodes = 0) => {
    figures.disk = { ...figures.disk, usedBytes, usedInodes };
    return (await gauge.look()).map(({ limit }) => limit);
  };
  expect(await used(98 * MIB)).toEqual([]);
  expect(await used(100 * MIB)).toEqual(["disk"]);
  expect(await used(99.5 * MIB)).toEqual([]);
  expect(await used(98.5 * MIB)).toEqual([]);
  expect(await used(100 * MIB)).toEqual([]);
  expect(await used(50 * MIB)).toEqual([]);
  expect(await used(100 * MIB, 1000)).toEqual(["disk", "inodes"]);
});

test("a rate that holds packets back for seconds is told, a burst is not", async () => {
  const { watched, figures } = session();
  const gauge = new NetworkGauge(watched);
  const look = async (now: number, bytes: number, heldPackets: number) => {
    figures.sent = { bytes, packets: 0, droppedPackets: 0, heldPackets };
    return await gauge.look({ now, counters: counters({}) });
  };
  await look(0, 0, 0);
  expect(await look(3 * SECOND, 900_000, 20)).toEqual([]);
  expect(await look(6 * SECOND, 3_800_000, 20)).toEqual([]);
  expect(await look(9 * SECOND, 6_750_000, 900)).toMatchObject([
    { limit: "network-rate", metric: { name: "network.rate", value: 983_333 }, allowed: 1_000_000 },
  ]);
});

test("the end of the time is told five minutes and one minute before, and again after an extension", () => {
  const { watched, figures } = session();
  const minute = 60 * SECOND;
  figures.expiresAt = 60 * minute;
  const gauge = new TimeGauge(watched, 0);
  const left = (now: number) => gauge.look(now).map(({ metric }) => metric.value);
  expect(left(54 * minute)).toEqual([]);
  expect(left(55 * minute)).toEqual([300]);
  expect(left(56 * minute)).toEqual([]);
  expect(left(59.5 * minute)).toEqual([30]);
  figures.expiresAt = 90 * minute;
  expect(left(60 * minute)).toEqual([]);
  expect(left(85.5 * minute)).toEqual([270]);
});

test("a session that is launched for less than that is not told at once", () => {
  const { watched, figures } = session();
  figures.expiresAt = 30 * SECOND;
  const gauge = new TimeGauge(watched, 0);
  expect(gauge.look(SECOND)).toEqual([]);
});
