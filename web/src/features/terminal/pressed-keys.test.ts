import { expect, test } from "vitest";
import { bytesOf, withCtrl } from "./pressed-keys.ts";

test.each([
  ["c", "\u0003"],
  ["C", "\u0003"],
  ["[", "\u001b"],
  ["@", "\u0000"],
  [" ", "\u0000"],
  ["_", "\u001f"],
  ["?", "\u007f"],
  ["1", "1"],
  ["한", "한"],
  ["ab", "ab"],
  ["", ""],
])("Ctrl and %j send %j", (typed, sent) => {
  expect(withCtrl(typed)).toBe(sent);
});

test("arrow keys follow what the program asked for", () => {
  expect(bytesOf("up", { ctrl: false, application: false })).toBe("\u001b[A");
  expect(bytesOf("up", { ctrl: false, application: true })).toBe("\u001bOA");
  expect(bytesOf("left", { ctrl: true, application: true })).toBe("\u001b[1;5D");
});

test("the other keys send what a keyboard would", () => {
  expect(bytesOf("escape", { ctrl: false, application: false })).toBe("\u001b");
  expect(bytesOf("tab", { ctrl: false, application: false })).toBe("\t");
  expect(bytesOf("interrupt", { ctrl: false, application: false })).toBe("\u0003");
  expect(bytesOf("slash", { ctrl: true, application: false })).toBe("/");
});
