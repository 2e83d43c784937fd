import { expect, test } from "vitest";
import { Slots } from "./slots.ts";

test("no more than allowed go on at once, in the order in which they came", async () => {
  const slots = new Slots(2);
  const { signal } = new AbortController();
  let running = 0;
  let most = 0;
  const order: number[] = [];
  await Promise.all(
    [0, 1, 2, 3, 4].map((index) =>
      slots.run(signal, async () => {
        running += 1;
        most = Math.max(most, running);
        order.push(index);
        await new Promise((resolve) => setTimeout(resolve, 5));
        running -= 1;
      }),
    ),
  );
  expect(most).toBe(2);
  expect(order).toEqual([0, 1, 2, 3, 4]);
});

test("who stops waiting takes no place", async () => {
  const slots = new Slots(1);
  const { signal } = new AbortController();
  let finish = () => {};
  const first = slots.run(signal, () => new Promise<void>((resolve) => (finish = resolve)));
  const controller = new AbortController();
  const second = slots.run(controller.signal, async () => "second");
  const third = slots.run(signal, async () => "third");
  controller.abort(new Error("cancelled"));
  await expect(second).rejects.toThrowError("cancelled");
  finish();
  await first;
  expect(await third).toBe("third");
  expect(await slots.run(signal, async () => "fourth")).toBe("fourth");
});
