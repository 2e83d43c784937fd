import { limitEventSchema } from "@slipway/protocol";
import { expect, test } from "vitest";
import { causeOfEnd } from "./end-cause.ts";

const NOW = 1_000_000;
const facts = { exitCode: 1, outOfMemory: false, events: [], memoryBytes: 64, now: NOW };
const event = (limit: string, lastAt: number, memoryBytes: number | null = null) =>
  limitEventSchema.parse({
    id: 0,
    limit,
    metric: { name: `${limit}.used`, value: 7, unit: "bytes" },
    allowed: 8,
    process: memoryBytes === null ? null : { name: "tail", pid: 2, memoryBytes, killed: true },
    firstAt: 1,
    lastAt,
    count: 1,
  });

test("a main process that ends by itself ends the session, whatever its exit code", () => {
  expect(causeOfEnd(facts).cause).toBe("command-exited");
  expect(causeOfEnd({ ...facts, exitCode: 0 }).cause).toBe("command-exited");
});

test("a kill for memory is told with the size of the process that was killed", () => {
  const end = causeOfEnd({ ...facts, outOfMemory: true, events: [event("memory", NOW, 5)] });
  expect(end).toEqual({ cause: "out-of-memory", metric: { name: "memory.usage", value: 5, unit: "bytes" } });
});

test("a kill for memory of which nobody knows the process is told with the limit", () => {
  expect(causeOfEnd({ ...facts, outOfMemory: true }).metric?.value).toBe(64);
});

test("a process that fails on a disk that was just full has the disk as its cause", () => {
  const events = [event("disk", NOW - 1_000)];
  expect(causeOfEnd({ ...facts, events })).toMatchObject({ cause: "disk-quota", metric: { value: 7 } });
  expect(causeOfEnd({ ...facts, events, exitCode: 0 }).cause).toBe("command-exited");
  expect(causeOfEnd({ ...facts, events: [event("disk", NOW - 60_000)] }).cause).toBe("command-exited");
});
