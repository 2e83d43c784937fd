import { expect, test } from "vitest";
import { PLAIN, plainRow, styledRow } from "./ansi.ts";

const E = "\u001b";
const shown = (row: string) =>
  styledRow(row, PLAIN).spans.map(({ text, className }) => `${className}|${text}`);

test("colours and weights become classes of the page", () => {
  expect(shown(`${E}[1;31mnpm ERR!${E}[0m code`)).toEqual(["text-bad font-bold|npm ERR!", "| code"]);
  expect(shown(`${E}[92mok${E}[39m plain ${E}[2mquiet`)).toEqual([
    "text-good|ok",
    "| plain ",
    "text-ink-faint|quiet",
  ]);
  expect(shown(`${E}[m${E}[43mmarked`)).toEqual(["bg-warn-soft|marked"]);
});

test("colours of 256 and of RGB become the nearest of the page's own", () => {
  expect(shown(`${E}[38;5;196mred${E}[38;2;20;200;30mgreen${E}[38:2:10:10:10mdark`)).toEqual([
    "text-bad|red",
    "text-good|green",
    "text-ink-faint|dark",
  ]);
});

test("a style goes on in the next row until it is taken back", () => {
  const first = styledRow(`${E}[33mwarn`, PLAIN);
  const second = styledRow(`still${E}[0m`, first.end);
  expect(second.spans).toEqual([{ text: "still", className: "text-warn" }]);
  expect(second.end).toEqual(PLAIN);
});

test("nothing but colours passes: no cursor moves, no titles, no links, no control characters, no half sequence", () => {
  const row = `a${E}[2Kb${E}]0;title\u0007c${E}]8;;javascript:alert(1)${E}\\d${E}]8;;${E}\\e\u0008\u0000f${E}(Bg${E}[31`;
  expect(plainRow(row)).toBe("abcdefg[31");
  expect(shown(row).join("")).not.toMatch(/javascript|title|\p{Cc}/u);
});

test("markup is text", () => {
  expect(shown("<img src=x onerror=alert(1)>")).toEqual(["|<img src=x onerror=alert(1)>"]);
});

test("a sequence of very many parameters costs no time", () => {
  expect(shown(`${E}[${"1;".repeat(100_000)}31mx`)).toEqual(["font-bold|x"]);
});
