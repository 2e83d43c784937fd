import { expect, it } from "vitest";
import { shownContent, shownPieces, shownText } from "./shown-text.ts";

it.each([
  ["app.js", "app.js"],
  ["한글 파일 😀.txt", "한글 파일 😀.txt"],
  ["<b>&amp;", "<b>&amp;"],
  ["a\nb\r\t", "a\\nb\\r\\t"],
  ["\u001b[31mred\u0007", "\\x1b[31mred\\x07"],
  ["gpj.\u202eexe", "gpj.\\u202eexe"],
  ["a\u200bb\ufeff", "a\\u200bb\\ufeff"],
  ["f\udcffA", "f\\xffA"],
  ["\ud83d alone", "\\ud83d alone"],
  ["", ""],
])("%j is shown as %j", (name, shown) => {
  expect(shownText(name)).toBe(shown);
});

it("what stands for a character is told from the same text in a name", () => {
  expect(shownPieces("\\n\n")).toEqual([
    { at: 0, text: "\\n", isEscape: false },
    { at: 2, text: "\\n", isEscape: true },
  ]);
});

it("a file keeps its lines and tabs, and turns no letters round", () => {
  expect(shownContent("a\r\n\tb\u202e\u0000\n")).toBe("a\n\tb\\u202e\\x00\n");
});
