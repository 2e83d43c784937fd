import type { SessionLimits, SessionUsage } from "@slipway/protocol";
import { expect, test } from "vitest";
import { readings, shareOf } from "./usage.ts";

const limits: SessionLimits = {
  memoryBytes: 512,
  cpus: 2,
  pids: 100,
  diskBytes: 1000,
  openFiles: 1024,
  networkBytesPerSecond: 500,
};
const look = (at: number, cpuMicroseconds: number, receivedBytes: number): SessionUsage => ({
  at,
  cpuMicroseconds,
  memoryBytes: 128,
  pids: 4,
  disk: { usedBytes: 10, limitBytes: 900, usedInodes: 3, limitInodes: 60 },
  network: { sentBytes: 0, receivedBytes },
});
const reading = (looks: readonly SessionUsage[], name: string) =>
  readings(looks, limits).find((one) => one.name === name);

test("what rises is shown as what was used in a second", () => {
  const looks = [look(1000, 0, 0), look(2000, 1_500_000, 100), look(4000, 1_500_000, 900)];
  expect(reading(looks, "cpu")).toEqual({ name: "cpu", values: [1.5, 0], limit: 2 });
  expect(reading(looks, "received")?.values).toEqual([100, 400]);
});

test("one look gives no rate, and two of the same moment none either", () => {
  expect(reading([look(1000, 5, 5)], "cpu")?.values).toEqual([]);
  expect(reading([look(1000, 5, 5), look(1000, 5, 5)], "cpu")?.values).toEqual([]);
});

test("a counter that began anew is no negative rate", () => {
  expect(reading([look(1000, 900, 0), look(2000, 10, 0)], "cpu")?.values).toEqual([0]);
});

test("a disk is held against what fits on it", () => {
  expect(reading([look(1000, 0, 0)], "disk")).toEqual({ name: "disk", values: [10], limit: 900 });
});

test("a share is never below nothing nor above all", () => {
  expect([shareOf(5, 10), shareOf(50, 10), shareOf(-1, 10), shareOf(1, 0)]).toEqual([0.5, 1, 0, 0]);
});
