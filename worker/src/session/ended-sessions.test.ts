import { sessionIdSchema } from "@slipway/protocol";
import { afterEach, expect, test, vi } from "vitest";
import { ENDED_KEEP_MS, EndedSessions } from "./ended-sessions.ts";

const id = (number: number) => sessionIdSchema.parse(`session${number}`.padEnd(9, "x"));

afterEach(() => vi.useRealTimers());

test("an ended session is forgotten when its time is up, once", async () => {
  vi.useFakeTimers();
  const forgotten: string[] = [];
  const ended = new EndedSessions(async (session) => void forgotten.push(session));
  ended.add(id(1));
  vi.advanceTimersByTime(ENDED_KEEP_MS - 1);
  ended.add(id(1));
  expect(forgotten).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(forgotten).toEqual([id(1)]);
});

test("of many ended sessions the newest are kept", () => {
  const forgotten: string[] = [];
  const ended = new EndedSessions(async (session) => void forgotten.push(session), 2);
  for (let number = 0; number < 4; number += 1) ended.add(id(number));
  expect(forgotten).toEqual([id(0), id(1)]);
  ended.release();
});
