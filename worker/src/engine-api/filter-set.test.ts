import { expect, test } from "vitest";
import { FilterSet } from "./filter-set.ts";
import { momentOf } from "./moments.ts";

const set = (values: Record<string, string[]>) =>
  new FilterSet(new Map(Object.entries(values)), Object.keys(values));

test("labels are asked for by name or by value, all of them, and can be ruled out", () => {
  const labels = { a: "1", b: "" };
  expect(set({ label: ["a", "b="] }).labels(labels)).toBe(true);
  expect(set({ label: ["a=2"] }).labels(labels)).toBe(false);
  expect(set({ "label!": ["a"] }).labels(labels)).toBe(false);
  expect(set({ label: ["constructor"] }).labels(labels)).toBe(false);
});

test("a name that is not known, and a flag that is none, are 400", () => {
  expect(() => new FilterSet(new Map([["colour", ["red"]]]), ["label"])).toThrow("invalid filter 'colour'");
  expect(() => set({ dangling: ["perhaps"] }).flag("dangling")).toThrow(
    "invalid filter 'dangling=[perhaps]'",
  );
  expect(set({ dangling: ["1"] }).flag("dangling")).toBe(true);
});

test("a moment is a number of seconds, a time, or how long ago", () => {
  expect(momentOf("10.5", 0)).toBe(10_500);
  expect(momentOf("1h30m", 10_000_000)).toBe(10_000_000 - 5_400_000);
  expect(momentOf("2026-01-01T00:00:00Z", 0)).toBe(Date.UTC(2026, 0, 1));
  for (const wrong of ["", "soon", "10x", "1h!"]) expect(() => momentOf(wrong, 0)).toThrow("failed to parse");
});
