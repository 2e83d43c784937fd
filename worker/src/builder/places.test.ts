import { expect, it } from "vitest";
import { Places } from "./places.ts";

const never = new AbortController().signal;

it("no more have a place than there are, and those who wait come in their order", async () => {
  const places = new Places(2);
  const came: number[] = [];
  const leave: (() => void)[] = [];
  const all = [0, 1, 2, 3].map(async (who) => {
    leave[who] = await places.take(never);
    came.push(who);
  });
  await Promise.all(all.slice(0, 2));
  expect(came).toEqual([0, 1]);
  leave[1]?.();
  // Giving back twice gives one place.
  leave[1]?.();
  await all[2];
  expect(came).toEqual([0, 1, 2]);
  leave[0]?.();
  await all[3];
  expect(came).toEqual([0, 1, 2, 3]);
});

it("who gives up waiting takes no place", async () => {
  const places = new Places(1);
  const leave = await places.take(never);
  const abort = new AbortController();
  const waiting = places.take(abort.signal);
  abort.abort(new Error("enough"));
  await expect(waiting).rejects.toThrow("enough");
  leave();
  await places.take(never);
  await expect(places.take(AbortSignal.abort(new Error("no")))).rejects.toThrow("no");
});
