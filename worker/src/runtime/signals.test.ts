import { expect, test } from "vitest";
import { signalNumber } from "./signals.ts";

test.each([
  ["SIGTERM", 15],
  ["TERM", 15],
  ["sigint", 2],
  ["9", 9],
  ["SIGRTMIN+3", 37],
  ["RTMAX-1", 63],
  ["SIGRTMIN", 34],
])("%s is signal %i", (name, number) => {
  expect(signalNumber(name)).toBe(number);
});

test.each(["", "SIGNONE", "0", "65", "-9", "SIGRTMAX+1", "1.5", "9 "])("%j is no signal", (name) => {
  expect(() => signalNumber(name)).toThrow(expect.objectContaining({ code: "request-invalid" }));
});
