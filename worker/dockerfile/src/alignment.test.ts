import { expect, it } from "vitest";
import { align } from "./alignment.ts";

const list = (texts: string) =>
  [...texts].map((text) => ({ text, kind: /[a-z]/.test(text) ? "run" : "copy" }));

it.each([
  ["abc", "abc", [0, 1, 2]],
  ["", "ab", [null, null]],
  ["ab", "", []],
  ["abc", "axbc", [0, null, 1, 2]],
  ["abc", "ac", [0, 2]],
  ["abc", "axc", [0, 1, 2]],
  ["abc", "aXc", [0, null, 2]],
  ["abcd", "dabc", [null, 0, 1, 2]],
  ["aBc", "xByz", [0, 1, 2, null]],
])("%s, then %s", (before, now, places) => {
  expect(align(list(before), list(now))).toEqual(places);
});

it("lists that are long and have little in common take no long time", () => {
  const many = (mark: string) =>
    Array.from({ length: 10_000 }, (_, at) => ({ text: `${mark}${at}`, kind: "run" }));
  const started = performance.now();
  expect(align([...many("a"), ...many("c")], [...many("b"), ...many("d")])).toHaveLength(20_000);
  expect(performance.now() - started).toBeLessThan(2000);
});
