import { expect, test } from "vitest";
import { Turns } from "./turns.ts";

test("pieces of work come one after the other, also after one that failed", async () => {
  const turns = new Turns();
  const order: string[] = [];
  const failing = turns.take(async () => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    order.push("first");
    throw new Error("no");
  });
  const second = turns.take(async () => void order.push("second"));
  await expect(failing).rejects.toThrow("no");
  await second;
  expect(order).toEqual(["first", "second"]);
  await turns.idle();
});

test("a wait for idleness can have a bound", async () => {
  const turns = new Turns();
  let end = () => {};
  const work = turns.take(
    () =>
      new Promise<void>((resolve) => {
        end = resolve;
      }),
  );
  await turns.idle(1);
  end();
  await work;
});
