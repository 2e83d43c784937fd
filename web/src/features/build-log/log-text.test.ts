import { expect, test } from "vitest";
import { plainText } from "./log-text.ts";

test.each([
  ["plain\nlines\n", "plain\nlines\n"],
  ["\u001b[32mgreen\u001b[0m", "green"],
  ["\u001b]0;title\u0007after", "after"],
  ["10%\r50%\r100%\ndone", "100%\ndone"],
  ["10%\r50%\r", "50%"],
  ["windows\r\nlines\r\n", "windows\nlines\n"],
  ["bell\u0007 and null\u0000", "bell and null"],
  ["<b>not html</b>", "<b>not html</b>"],
])("%j is shown as %j", (output, shown) => {
  expect(plainText(output)).toBe(shown);
});
