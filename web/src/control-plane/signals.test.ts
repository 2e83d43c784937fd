import { expect, test } from "vitest";
import { Signals } from "./signals.ts";

test("a wake-up during the consumer's work is one more turn", async () => {
  const signals = new Signals();
  const end = new AbortController();
  let turns = 0;
  for await (const _ of signals.watch("a", end.signal)) {
    turns += 1;
    if (turns === 1) {
      signals.notify("a");
      signals.notify("a");
      signals.notify("b");
      setTimeout(() => end.abort(), 50);
    }
  }
  expect(turns).toBe(2);
});

test("a watch ends at once when its reader is gone", async () => {
  const signals = new Signals();
  const end = new AbortController();
  const turns = signals.watch("a", end.signal);
  expect(await turns.next()).toMatchObject({ done: false });
  const next = turns.next();
  end.abort();
  expect(await next).toMatchObject({ done: true });
});
