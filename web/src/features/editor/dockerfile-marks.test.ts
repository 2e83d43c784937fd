import { expect, test } from "vitest";
import { dockerfileMarks } from "./dockerfile-marks.ts";

const say = ({ code }: { code: string }, word: string): string => `${code}: ${word}`;

test("a misspelt instruction is marked where it stands, with the word itself", () => {
  expect(dockerfileMarks("FROM node\nRUNN echo hi\n", say)).toEqual([
    {
      severity: "error",
      range: { startLine: 2, startColumn: 1, endLine: 2, endColumn: 4 },
      text: "instruction-unknown: RUNN",
    },
  ]);
});

test("a Dockerfile without faults has no marks", () => {
  expect(dockerfileMarks('FROM node\nADD app.js /app.js\nENTRYPOINT ["node", "app.js"]\n', say)).toEqual([]);
});

test("a hostile text of any kind is marked, not thrown over", () => {
  expect(() => dockerfileMarks("\u0000\\\n\\\n<<<<EOF\r\n\r", say)).not.toThrow();
});
