import { expect, test } from "vitest";
import { styledRow } from "./ansi.ts";
import { linesOf, MAX_ROWS } from "./log-lines.ts";
import { noOutput, withText } from "./output.ts";

const rowsOf = (...texts: string[]) => {
  let output = noOutput();
  let lines = linesOf(output);
  for (const text of texts) {
    output = withText(output, text);
    lines = linesOf(output);
  }
  return Array.from({ length: lines.count }, (_, row) => lines.row(row));
};

test("rows come out the same however the text arrived, and a line without an end is a row", () => {
  const text = "one\ntwo\r\nthree";
  expect(rowsOf(text)).toEqual(["one", "two", "three"]);
  expect(rowsOf(...text)).toEqual(["one", "two", "three"]);
  expect(rowsOf("a\n", "")).toEqual(["a"]);
});

test("of a line that was written over its last state stays", () => {
  expect(rowsOf("10%\r50%\r100%\ndone\n")).toEqual(["100%", "done"]);
  expect(rowsOf("10%", "\r20%")).toEqual(["20%"]);
});

test("a line of megabytes is many rows, none of which cuts a character or a colour in two", () => {
  const rows = rowsOf(`${"x".repeat(1999)}🚢${"\u001b[31my".repeat(50_000)}\nend`);
  expect(rows.at(-1)).toBe("end");
  expect(Math.max(...rows.map((row) => row.length))).toBeLessThanOrEqual(2000);
  expect(rows[0]).not.toContain("🚢");
  expect(rows.slice(2, -1).every((row) => row.startsWith("\u001b[31m"))).toBe(true);
});

test("a row begins in the style that the one before it ended with", () => {
  const output = withText(noOutput(), "plain\n\u001b[31mred\nstill red\n\u001b[0mplain\nplain\n");
  const lines = linesOf(output);
  const classes = Array.from(
    { length: lines.count },
    (_, row) => styledRow(lines.row(row), lines.styleAt(row)).spans[0]?.className,
  );
  expect(classes).toEqual(["", "text-bad", "text-bad", "", ""]);
});

test("more rows than a browser scrolls are left out, and said", () => {
  const lines = linesOf(withText(noOutput(), "\n".repeat(MAX_ROWS + 5)));
  expect(lines).toMatchObject({ count: MAX_ROWS, isCut: true });
});
