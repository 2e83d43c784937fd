import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CgroupsV2 } from "./cgroups-v2.ts";

/* What the files of version 2 say is read from files that look like them: few machines have both versions. */

let mount: string;
let cgroups: CgroupsV2;

function group(name: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(path.join(mount, name), { recursive: true });
  for (const [file, content] of Object.entries(files)) writeFileSync(path.join(mount, name, file), content);
}

beforeAll(() => {
  mount = mkdtempSync(path.join(tmpdir(), "slipway-cgroup2-"));
  cgroups = new CgroupsV2({ version: 2, mount }, "/slipway");
  group("slipway/s1", {
    "memory.events": "low 0\nhigh 0\nmax 812\noom 3\noom_kill 2\noom_group_kill 0\n",
    "memory.peak": "67108864\n",
    "cpu.stat":
      "usage_usec 2500\nuser_usec 2000\nsystem_usec 500\nnr_periods 90\nnr_throttled 40\nthrottled_usec 9000\n",
    "pids.events": "max 7\n",
    "pids.events.local": "max 0\n",
    "cgroup.procs": "",
  });
  group("slipway/s1/main", {
    "cpu.stat": "usage_usec 2500\nnr_periods 9\nnr_throttled 2\nthrottled_usec 100\n",
    "pids.events": "max 7\n",
    "pids.events.local": "max 7\n",
    "cgroup.procs": "101\n102\n103\n0\n",
  });
  group("slipway/old", { "pids.events": "max 1\n" });
  group("slipway/old/main", { "pids.events": "max 4\n" });
});
afterAll(() => rmSync(mount, { recursive: true }));

test("kills count with all below, refusals where they were, and waiting for each group's own limit", () => {
  expect(cgroups.counters("/slipway/s1")).toEqual({
    oomKills: 2,
    peakMemoryBytes: 67_108_864,
    refusedForks: 7,
    throttledPeriods: 42,
    throttledMicroseconds: 9100,
  });
});

test("a kernel that counts refusals in the group of who was refused is understood", () => {
  expect(cgroups.counters("/slipway/old")).toMatchObject({
    refusedForks: 5,
    peakMemoryBytes: 0,
    oomKills: 0,
  });
});

test("the clock and the processes are those of the group and all below", () => {
  const clock = cgroups.cpuClock("/slipway/s1");
  expect(clock.read()).toBe(2500);
  clock.close();
  expect(cgroups.somePids("/slipway/s1", 2)).toEqual([101, 102]);
  expect(cgroups.somePids("/slipway/s1", 9)).toEqual([101, 102, 103]);
});
