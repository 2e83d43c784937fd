import { tmpdir } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { SpaceWatch } from "./space-watch.ts";

it("a full disk ends all builds that are watched, and later ones are watched anew", async () => {
  const watch = new SpaceWatch(tmpdir(), Number.MAX_SAFE_INTEGER);
  const [one, two] = [watch.start(), watch.start()];
  await sleep(500);
  for (const { signal } of [one, two]) expect(signal.reason).toMatchObject({ code: "disk-full" });
  const later = watch.start();
  expect(later.signal.aborted).toBe(false);
  for (const { stop } of [one, two, later]) stop();
});

it("nobody is told any more once all have stopped", async () => {
  const watch = new SpaceWatch(tmpdir(), Number.MAX_SAFE_INTEGER);
  const [one, two] = [watch.start(), watch.start()];
  one.stop();
  two.stop();
  await sleep(400);
  expect(two.signal.aborted).toBe(false);
});
