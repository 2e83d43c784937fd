import { describe, expect, test } from "vitest";
import { isPlainText, lastLines } from "./plain-text.ts";

describe("plain text", () => {
  test.each(["", "ls\r\n", "tab\tand\bback", "가나다 «quoted» é", "bell \u0007"])("is %j", (text) => {
    expect(isPlainText(Buffer.from(text))).toBe(true);
  });

  test.each(["\u001b[m", "a\u000e", "\u000f", "\u009b1m", "x\u0085"])("is not %j", (text) => {
    expect(isPlainText(Buffer.from(text))).toBe(false);
  });

  test("does not end in half a character that may be a control", () => {
    expect(isPlainText(Buffer.from([0x61, 0xc2]))).toBe(false);
  });
});

describe("the last lines", () => {
  const text = Buffer.from("one\r\ntwo\r\nthree\r\nfour");

  test("begin after a line end", () => {
    expect(text.toString("utf8", lastLines(text, 1))).toBe("three\r\nfour");
    expect(text.toString("utf8", lastLines(text, 2))).toBe("two\r\nthree\r\nfour");
    expect(lastLines(text, 3)).toBe(-1);
  });

  test("begin in the first column, further back where lines end without a carriage return", () => {
    const mixed = Buffer.from("a\r\nb\nc\nd\n");
    expect(mixed.toString("utf8", lastLines(mixed, 1))).toBe("b\nc\nd\n");
    expect(lastLines(Buffer.from("a\nb\nc\n"), 1)).toBe(-1);
  });
});
