import { LOOK_AGE_MS } from "@slipway/protocol";
import { expect, test } from "vitest";
import { onceInAWhile } from "./session-looks.ts";

test("however many ask, the machine is looked at once in a while", async () => {
  let [now, looks] = [0, 0];
  const look = onceInAWhile(
    async () => {
      looks += 1;
      return looks;
    },
    () => now,
  );
  expect(await Promise.all([look(), look(), look()])).toEqual([1, 1, 1]);
  now += LOOK_AGE_MS - 1;
  expect(await look()).toBe(1);
  now += 1;
  expect(await look()).toBe(2);
});

test("a look that failed is tried again at once", async () => {
  let looks = 0;
  const look = onceInAWhile(
    async () => {
      looks += 1;
      if (looks === 1) throw new Error("gone");
      return looks;
    },
    () => 0,
  );
  await expect(look()).rejects.toThrow("gone");
  expect(await look()).toBe(2);
});
