import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Expiry } from "./expiry.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const DAY_MS = 86_400_000;

test("an expiry comes at its moment, also where that is further than a timer can hold", () => {
  const expired = vi.fn();
  const expiry = new Expiry(expired);
  expiry.set(Date.now() + 60 * DAY_MS);
  vi.advanceTimersByTime(60 * DAY_MS - 1);
  expect(expired).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(expired).toHaveBeenCalledOnce();
});

test("an expiry can be moved and taken back", () => {
  const expired = vi.fn();
  const expiry = new Expiry(expired);
  expiry.set(Date.now() + 1_000);
  expiry.set(Date.now() + 5_000);
  vi.advanceTimersByTime(4_999);
  expect(expired).not.toHaveBeenCalled();
  expiry.clear();
  vi.advanceTimersByTime(DAY_MS);
  expect(expired).not.toHaveBeenCalled();
});
