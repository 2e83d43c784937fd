import { expect, test } from "vitest";
import { Arrivals } from "./arrivals.ts";

test("all who wait for a thing get it, and nobody else", async () => {
  const arrivals = new Arrivals<string, number>();
  const waiting = [arrivals.wait("a", 60_000), arrivals.wait("a", 60_000)];
  const other = arrivals.wait("b", 60_000);
  arrivals.arrive("a", 7);
  expect(await Promise.all(waiting)).toEqual([7, 7]);
  arrivals.arrive("b", null);
  expect(await other).toBeNull();
});

test("a wait for what never comes is bounded", async () => {
  expect(await new Arrivals<string, number>().wait("a", 1)).toBeNull();
});

test("no more callers wait than may", async () => {
  const arrivals = new Arrivals<number, number>();
  const waiting = Array.from({ length: 4096 }, (_, key) => arrivals.wait(key, 60_000));
  expect(await arrivals.wait(1, 60_000)).toBeNull();
  for (let key = 0; key < 4096; key += 1) arrivals.arrive(key, key);
  await Promise.all(waiting);
  const late = arrivals.wait(1, 60_000);
  arrivals.arrive(1, 5);
  expect(await late).toBe(5);
});
