import { expect, test } from "vitest";
import type { Step } from "./build-log.ts";
import { plainLog } from "./log-export.ts";
import { partsOf, queryOf, search } from "./log-search.ts";
import { noOutput, withText } from "./output.ts";

const step = (index: number, text: string): Step => ({
  index,
  stage: "",
  text: `RUN number ${index}`,
  range: { startLine: 1, startColumn: 1, endLine: 1, endColumn: 1 },
  progress: { state: "waiting" },
  pull: null,
  output: text === "" ? noOutput() : withText(noOutput(), text),
});
const steps = [
  step(0, ""),
  step(1, "fine\n\u001b[31mER\u001b[0mROR: one\n"),
  step(2, `${"x\n".repeat(30_000)}an error\n`),
];
const never = new AbortController().signal;

test("words are found in every step, whatever their case, and through colours", async () => {
  expect(await search(steps, queryOf(" Error "), never)).toEqual([
    { step: 1, row: 1 },
    { step: 2, row: 30_000 },
  ]);
  expect(await search(steps, queryOf(" "), never)).toEqual([]);
});

test("a search that was given up ends", async () => {
  expect(await search(steps, "error", AbortSignal.abort())).toEqual([]);
});

test("a row is cut where the words are", () => {
  expect(partsOf("an Error, an error", "error")).toEqual([
    { text: "an ", hit: false, at: 0 },
    { text: "Error", hit: true, at: 3 },
    { text: ", an ", hit: false, at: 8 },
    { text: "error", hit: true, at: 13 },
  ]);
});

test("a log that is taken along is plain text, each step under its instruction", () => {
  expect(plainLog(steps.slice(0, 2))).toBe("# 2  RUN number 1\nfine\nERROR: one\n");
  expect(plainLog([steps[1] as Step])).toBe("fine\nERROR: one\n");
});
