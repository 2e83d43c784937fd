import { expect, test } from "vitest";
import type { CgroupCounters } from "../cgroup/cgroup.ts";
import { runFailed } from "./run-failure.ts";

const nothing: CgroupCounters = {
  oomKills: 0,
  peakMemoryBytes: 0,
  refusedForks: 0,
  throttledPeriods: 0,
  throttledMicroseconds: 0,
};
const limits = { memoryBytes: 1000, pids: 10 };
const failure = (exitCode: number, before: Partial<CgroupCounters>, after: Partial<CgroupCounters>) =>
  runFailed(["sh", "-c", "x"], exitCode, {
    before: { ...nothing, ...before },
    after: { ...nothing, ...after },
    limits,
  });

test("a step that met no limit fails with its command and exit code alone", () => {
  const { message, params } = failure(3, {}, { peakMemoryBytes: 1000 });
  expect(params).toEqual({ command: "sh -c x", exitCode: 3 });
  expect(message).toBe('process "sh -c x" did not complete successfully: exit code: 3');
});

test("what an earlier step met is not said of a later one", () => {
  const earlier = { oomKills: 2, refusedForks: 5 };
  expect(failure(1, earlier, earlier).params).toEqual({ command: "sh -c x", exitCode: 1 });
});

test("a kill for memory and refused processes are named, memory first", () => {
  expect(
    failure(1, { oomKills: 1 }, { oomKills: 3, peakMemoryBytes: 999, refusedForks: 1 }).params,
  ).toMatchObject({
    limit: "memory",
    allowed: 1000,
    times: 2,
    used: 999,
  });
  expect(failure(1, {}, { refusedForks: 4 }).params).toMatchObject({ limit: "pids", allowed: 10, times: 4 });
});

test("a killed command whose group is gone is told from the peak of the build", () => {
  expect(failure(137, {}, { peakMemoryBytes: 990 }).params).toMatchObject({ limit: "memory", times: 1 });
  expect(failure(137, {}, { peakMemoryBytes: 900 }).params).not.toHaveProperty("limit");
  expect(failure(137, { peakMemoryBytes: 990 }, { peakMemoryBytes: 990 }).params).not.toHaveProperty("limit");
});
