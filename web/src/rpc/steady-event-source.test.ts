import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { pauseMs, SteadyEventSource } from "./steady-event-source.ts";

/** What a browser's stream does, under the hand of the test. */
class PlayedSource extends EventTarget {
  static made: PlayedSource[] = [];
  readyState = 0;
  constructor() {
    super();
    PlayedSource.made.push(this);
  }
  open(): void {
    this.readyState = 1;
    this.dispatchEvent(new Event("open"));
  }
  breaks(readyState: number): void {
    this.readyState = readyState;
    this.dispatchEvent(new Event("error"));
  }
  close(): void {
    this.readyState = 2;
  }
}
const newest = () => PlayedSource.made.at(-1) as PlayedSource;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("EventSource", PlayedSource);
  PlayedSource.made = [];
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("pauses begin below a tenth of a second, and never grow beyond two seconds", () => {
  expect(pauseMs(0, 0)).toBeLessThanOrEqual(100);
  for (let tries = 0; tries < 100; tries += 1) {
    expect(pauseMs(tries, 0)).toBeLessThanOrEqual(2_000);
    expect(pauseMs(tries, 1)).toBeGreaterThan(0);
    expect(pauseMs(tries, 1)).toBeLessThan(pauseMs(tries, 0));
  }
});

test("a stream that breaks is asked for again within a tenth of a second, and tells its listeners", () => {
  const source = new SteadyEventSource("/events");
  const told: string[] = [];
  source.addEventListener("message", () => told.push("message"));
  source.addEventListener("error", () => told.push(`error ${source.readyState}`));
  newest().open();
  newest().breaks(0);
  vi.advanceTimersByTime(100);
  expect(PlayedSource.made).toHaveLength(2);
  newest().open();
  newest().dispatchEvent(new Event("message"));
  expect(told).toEqual(["error 0", "message"]);
});

test("a server that starts is asked again, one that never has the stream is given up", () => {
  const source = new SteadyEventSource("/events");
  let closed = false;
  source.addEventListener("error", () => {
    closed = source.readyState === 2;
  });
  for (let asked = 0; asked < 40; asked += 1) {
    newest().breaks(2);
    vi.advanceTimersByTime(2_000);
  }
  expect(closed).toBe(false);
  newest().breaks(2);
  expect(closed).toBe(true);
  vi.advanceTimersByTime(10_000);
  expect(PlayedSource.made).toHaveLength(41);
});

test("a stream that was closed does not come back", () => {
  const source = new SteadyEventSource("/events");
  newest().breaks(0);
  source.close();
  vi.advanceTimersByTime(10_000);
  expect(PlayedSource.made).toHaveLength(1);
});
