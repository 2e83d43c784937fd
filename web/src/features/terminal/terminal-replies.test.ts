import { expect, test } from "vitest";
import { isTerminalReply } from "./terminal-replies.ts";

test.each([
  ["device attributes", "\u001b[?1;2c"],
  ["secondary device attributes", "\u001b[>0;276;0c"],
  ["status", "\u001b[0n"],
  ["cursor position", "\u001b[12;40R"],
  ["a mode", "\u001b[?2026;2$y"],
  ["the background colour", "\u001b]11;rgb:fe/fc/f7\u001b\\"],
  ["two replies at once", "\u001b[?1;2c\u001b[1;1R"],
])("a reply with %s is told from typing", (_, data) => {
  expect(isTerminalReply(data)).toBe(true);
});

test.each([
  ["letters", "ls -l"],
  ["Enter", "\r"],
  ["an arrow", "\u001b[A"],
  ["a function key", "\u001b[15~"],
  ["Alt and a letter", "\u001bc"],
  ["Control and an arrow", "\u001b[1;5C"],
  ["a bracketed paste", "\u001b[200~hello\u001b[201~"],
  ["Escape", "\u001b"],
])("%s is typing", (_, data) => {
  expect(isTerminalReply(data)).toBe(false);
});
