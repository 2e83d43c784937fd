import { expect, it } from "vitest";
import { goDuration, quotedHealthcheck } from "./go-format.ts";

it.each([
  [0, "0s"],
  [1, "1ns"],
  [1500, "1.5µs"],
  [2_000_000, "2ms"],
  [1_234_567, "1.234567ms"],
  [1_500_000_000, "1.5s"],
  [60_000_000_000, "1m0s"],
  [90_000_000_000, "1m30s"],
  [3_600_000_000_000, "1h0m0s"],
  [3_661_000_000_001, "1h1m1.000000001s"],
])("%d nanoseconds are %s to Go", (nanoseconds, text) => {
  expect(goDuration(nanoseconds)).toBe(text);
});

it.each([
  [0, "\\x00"],
  [3, "\\x03"],
  [10, "\\n"],
  [39, "\\'"],
  [65, "A"],
  [127, "\\x7f"],
])("%d retries are the rune '%s'", (retries, text) => {
  expect(quotedHealthcheck({ Test: ["NONE"], Retries: retries })).toBe(
    `&{["NONE"] "0s" "0s" "0s" "0s" '${text}'}`,
  );
});
