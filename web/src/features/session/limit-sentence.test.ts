import { expect, test } from "vitest";
import { shownName } from "./limit-sentence.ts";

test.each([
  ["python3", "python3"],
  ["노드 서버", "노드 서버"],
  ["", "?"],
  ["<b>x</b>", "<b>x</b>"],
  ["a\u202egnp.exe", "a\ufffdgnp.exe"],
  ["a\u0000\u001b[2J", "a\ufffd\ufffd[2J"],
  ["x".repeat(64), `${"x".repeat(24)}…`],
])("a process that calls itself %j is shown as a word", (name, shown) => {
  expect(shownName(name)).toBe(shown);
});
