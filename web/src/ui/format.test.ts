import { describe, expect, test } from "vitest";
import { binaryBytes, bytes, clock, duration, timeAgo } from "./format.ts";

test.each([
  [0, "< 0.1 s", "0.1초 미만"],
  [440, "0.4 s", "0.4초"],
  [9_960, "10 s", "10초"],
  [59_700, "1 min 0 s", "1분 0초"],
  [125_000, "2 min 5 s", "2분 5초"],
])("%i ms are shown as %s and %s", (ms, en, ko) => {
  expect(duration(ms, "en")).toBe(en);
  expect(duration(ms, "ko")).toBe(ko);
});

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1 kB"],
  [4_123, "4.1 kB"],
  [999_600, "1 MB"],
  [127_600_000, "128 MB"],
  [3_200_000_000_000_000, "3200 TB"],
])("%i bytes are shown as %s", (count, text) => {
  expect(bytes(count)).toBe(text);
});

test("memory limits are shown in binary units", () => {
  expect(binaryBytes(512 * 1024 ** 2)).toBe("512 MiB");
  expect(binaryBytes(1.5 * 1024 ** 3)).toBe("1.5 GiB");
});

test.each([
  [-5, "0:00"],
  [4_001, "0:05"],
  [245_000, "4:05"],
  [3_845_000, "1:04:05"],
])("%i ms left are shown as %s", (ms, text) => {
  expect(clock(ms)).toBe(text);
});

describe("how long ago", () => {
  const now = 1_700_000_000_000;
  test.each([
    [5_000, "now", "지금"],
    [3 * 60_000, "3 minutes ago", "3분 전"],
    [26 * 3_600_000, "yesterday", "어제"],
    [-9_000, "now", "지금"],
  ])("%i ms", (past, en, ko) => {
    expect(timeAgo(now - past, now, "en")).toBe(en);
    expect(timeAgo(now - past, now, "ko")).toBe(ko);
  });
});
