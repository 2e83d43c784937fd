import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { BuildClock } from "./build-clock.ts";
import { Deferred } from "./deferred.ts";

it("the time is over when it is", async () => {
  const clock = new BuildClock(20);
  await sleep(60);
  expect(clock.signal.aborted).toBe(true);
});

it("waiting for a place takes no time of the build, working does", async () => {
  const clock = new BuildClock(50);
  const started = new Deferred<void>();
  const ended = new Deferred<void>();
  clock.follow(started.promise, ended.promise);
  await sleep(120);
  expect(clock.signal.aborted).toBe(false);
  started.resolve();
  await sleep(120);
  expect(clock.signal.aborted).toBe(true);
});

it("a stage that works goes on the build's time, whatever waits beside it", async () => {
  const clock = new BuildClock(50);
  const never = new Deferred<void>().promise;
  clock.follow(Promise.resolve(), never);
  clock.follow(never, never);
  await sleep(120);
  expect(clock.signal.aborted).toBe(true);
});

it("a wait that ends in a failure is over", async () => {
  const clock = new BuildClock(50);
  const failed = Promise.reject(new Error("gone"));
  failed.catch(() => undefined);
  clock.follow(failed, failed);
  await sleep(120);
  expect(clock.signal.aborted).toBe(true);
});

it("a clock that was stopped says nothing more", async () => {
  const clock = new BuildClock(20);
  clock.stop();
  await sleep(60);
  expect(clock.signal.aborted).toBe(false);
});
