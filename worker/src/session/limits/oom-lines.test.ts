import { expect, test } from "vitest";
import { parseOomRecord } from "./oom-lines.ts";

const GROUPS = "oom_memcg=/slipway/s1,task_memcg=/slipway/s1/s1-main";
const victim = (task: string, groups = GROUPS) =>
  `6,3106,24165020193,-;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=s1-main,mems_allowed=0,${groups},task=${task},pid=412,uid=1900000000`;
const killed = (name: string) =>
  `3,3107,24165020200,-;Memory cgroup out of memory: Killed process 412 (${name}) total-vm:207068kB, anon-rss:64896kB, file-rss:828kB, shmem-rss:4kB, UID:1900000000 pgtables:164kB oom_score_adj:0`;

test("the first line of a kill names the group, the second the size", () => {
  const kill = { pid: 412, name: "dd", uid: 1900000000 };
  expect(parseOomRecord(victim("dd"))).toEqual({ ...kill, memoryBytes: null, cgroup: "/slipway/s1/s1-main" });
  expect(parseOomRecord(killed("dd"))).toEqual({ ...kill, memoryBytes: 65_728 * 1024, cgroup: null });
});

test("lines of the kernel that are about other things are nothing", () => {
  for (const line of [
    "",
    "6,1,2,-;",
    "6,1,2,-;dd invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0",
    "6,1,2,-;oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/,task=dd,pid=1,uid=0",
    "garbage without a semicolon",
  ])
    expect(parseOomRecord(line)).toBeNull();
});

test("a name of commas, of what looks like the rest of a line or of bytes that act on screens is a name", () => {
  const name = (task: string) => parseOomRecord(victim(task));
  expect(name("a,pid=1,uid=0")).toMatchObject({ name: "a,pid=1,uid=0", pid: 412, uid: 1900000000 });
  expect(name(",task_memcg=/a,")).toMatchObject({ name: ",task_memcg=/a,", cgroup: "/slipway/s1/s1-main" });
  expect(name(",task=x,pid=7")).toMatchObject({ name: ",task=x,pid=7", pid: 412 });
  expect(name("\\x0a6,1,2,-;oom")).toMatchObject({ name: "\n6,1,2,-;oom" });
  expect(name("\\x5cx0a")).toMatchObject({ name: "\\x0a" });
  expect(name("\\xed\\x95\\x9c")).toMatchObject({ name: "한" });
  expect(parseOomRecord(killed("x) total-vm:1kB"))).toMatchObject({ name: "x) total-vm:1kB", pid: 412 });
  expect(parseOomRecord(killed(") UID:0 ("))).toMatchObject({ uid: 1900000000, memoryBytes: 65_728 * 1024 });
});

test("what a process wrote into the log itself is not the kernel's", () => {
  expect(parseOomRecord(victim("dd").replace(/^6,/, "12,"))).toBeNull();
  expect(parseOomRecord(killed("dd").replace(/^3,/, "11,"))).toBeNull();
});

test("a line of any length and any repetition is done with at once", () => {
  const started = process.cpuUsage();
  for (const task of ["task=".repeat(1500), ",task_memcg=/a".repeat(570), "\\x".repeat(4000)]) {
    parseOomRecord(victim(task));
    parseOomRecord(victim(task).slice(0, -1));
    parseOomRecord(killed(task));
    parseOomRecord(`${killed(task)}x`.slice(0, 8000));
  }
  parseOomRecord(victim("x".repeat(1_000_000)));
  const { user, system } = process.cpuUsage(started);
  expect(user + system).toBeLessThan(200_000);
});
