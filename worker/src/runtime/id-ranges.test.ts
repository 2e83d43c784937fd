import { expect, test } from "vitest";
import { ID_RANGE_SIZE, IdRanges } from "./id-ranges.ts";

test("no two holders have an id in common, and a released slot is used again", () => {
  const ranges = new IdRanges(1_000_000_000);
  const [first, second] = [ranges.take(), ranges.take()];
  expect(ranges.range(second).firstHostId).toBe(ranges.range(first).firstHostId + ID_RANGE_SIZE);
  ranges.release(first);
  expect(ranges.take()).toBe(first);
});

test("slots from before a restart are not handed out again", () => {
  const ranges = new IdRanges(1_000_000_000);
  ranges.claim(0);
  expect(ranges.take()).toBe(1);
});

test("ids beyond 32 bits are refused", () => {
  expect(() => new IdRanges(2 ** 32 - 3).take()).toThrowError(/uid ranges/);
});
