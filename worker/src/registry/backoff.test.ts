import { expect, test } from "vitest";
import { delayMs, pause, retryAfterMs } from "./backoff.ts";
import { PATIENCE } from "./registry.ts";

test("waits grow, stay within their bound, and differ from each other", () => {
  const all = Array.from({ length: 60 }, (_, attempt) => delayMs(attempt, PATIENCE, () => 0));
  expect(all.slice(0, 4)).toEqual([300, 600, 1200, 2400]);
  expect(Math.max(...all)).toBe(PATIENCE.longestDelayMs);
  expect(delayMs(0, PATIENCE, () => 1)).toBe(150);
});

test.each([
  ["3", 3000],
  ["Wed, 21 Oct 2015 07:28:05 GMT", 5000],
  ["Wed, 21 Oct 2015 07:27:00 GMT", 0],
  ["soon", null],
  ["99999999999999", null],
])("Retry-After %s", (text, ms) => {
  const now = Date.parse("2015-10-21T07:28:00Z");
  expect(retryAfterMs({ headers: { "retry-after": text } }, now)).toBe(ms);
});

test("a pause ends with the reason of the signal", async () => {
  const controller = new AbortController();
  const pausing = pause(60_000, controller.signal);
  controller.abort(new Error("cancelled"));
  await expect(pausing).rejects.toThrowError("cancelled");
});
