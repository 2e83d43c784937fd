import { expect, test } from "vitest";
import { changeBetween } from "./change-between.ts";

test.each([
  ["", ""],
  ["same", "same"],
  ["", "new"],
  ["gone", ""],
  ["aaa", "aa"],
  ["aa", "aaa"],
  ["FROM node\nEND", "FROM node\nRUN x\nEND"],
  ["abXcd", "abYYcd"],
])("%j becomes %j by its change", (before, after) => {
  const change = changeBetween(before, after);
  if (change === null) return expect(before).toBe(after);
  expect(before.slice(0, change.from) + change.insert + before.slice(change.to)).toBe(after);
});

test("what is the same on both sides is not touched, so that a cursor there stays", () => {
  expect(changeBetween("head old tail", "head new tail")).toEqual({ from: 5, to: 8, insert: "new" });
});
