import type { SessionPort } from "@slipway/protocol";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { ListeningPort } from "../network/listening-ports.ts";
import { PortWatch } from "./port-watch.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const HTTP: ListeningPort = { port: 80, loopbackOnly: false };

/** A session whose ports are looked at; `looks` counts how often. */
function watched(watch: PortWatch, exposed: readonly number[] = []) {
  const session = {
    looks: 0,
    activity: 0,
    listening: [] as ListeningPort[],
    told: [] as SessionPort[][],
    fails: false,
    stop: () => {},
  };
  session.stop = watch.watch({
    exposed,
    activity: () => session.activity,
    changed: (ports) => session.told.push(ports),
    listening: async () => {
      session.looks += 1;
      if (session.fails) throw new Error("the process is gone");
      return session.listening;
    },
  });
  return session;
}

test("a port that is listened on right after the launch shows within a second", async () => {
  const session = watched(new PortWatch());
  session.listening = [HTTP];
  await vi.advanceTimersByTimeAsync(1_000);
  expect(session.told).toEqual([[{ port: 80, exposed: false, listening: true, loopbackOnly: false }]]);
  session.stop();
});

test("promised ports are told at once, and what has none tells nothing", async () => {
  const watch = new PortWatch();
  const [promising, silent] = [watched(watch, [9000]), watched(watch)];
  expect(promising.told).toEqual([[{ port: 9000, exposed: true, listening: false, loopbackOnly: false }]]);
  await vi.advanceTimersByTimeAsync(20_000);
  expect([promising.told.length, silent.told.length]).toEqual([1, 0]);
  promising.stop();
  silent.stop();
});

test("an idle session is looked at seldom, and soon again when it prints something", async () => {
  const session = watched(new PortWatch());
  await vi.advanceTimersByTimeAsync(10_000);
  session.looks = 0;
  await vi.advanceTimersByTimeAsync(30_000);
  expect(session.looks).toBeLessThanOrEqual(10);
  expect(session.looks).toBeGreaterThan(0);
  session.activity += 1;
  session.listening = [HTTP];
  await vi.advanceTimersByTimeAsync(1_000);
  expect(session.told).toHaveLength(1);
  session.stop();
});

test("many busy sessions have a bound on the looks in a second, and each has its turn", async () => {
  const watch = new PortWatch();
  const sessions = Array.from({ length: 300 }, () => watched(watch));
  const typing = setInterval(() => {
    for (const session of sessions) session.activity += 1;
  }, 100);
  await vi.advanceTimersByTimeAsync(10_000);
  const looks = sessions.map((session) => session.looks);
  expect(looks.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(800);
  expect(Math.min(...looks)).toBeGreaterThanOrEqual(2);
  clearInterval(typing);
  for (const session of sessions) session.stop();
});

test("a look that fails is made again, and one that is stopped tells nothing any more", async () => {
  const session = watched(new PortWatch());
  session.fails = true;
  await vi.advanceTimersByTimeAsync(1_000);
  session.fails = false;
  session.listening = [HTTP];
  await vi.advanceTimersByTimeAsync(1_000);
  expect(session.told).toHaveLength(1);
  session.listening = [];
  session.stop();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(session.told).toHaveLength(1);
});
