import { expect, test } from "vitest";
import { noOutput, OUTPUT_CHARACTERS, textOf, withText } from "./output.ts";

test("text is kept in the order in which it came, in few pieces", () => {
  let output = noOutput();
  for (let line = 0; line < 20_000; line += 1) output = withText(output, `line ${line}\n`);
  expect(textOf(output).startsWith("line 0\nline 1\n")).toBe(true);
  expect(textOf(output).endsWith("line 19999\n")).toBe(true);
  expect(output.pieces.length).toBeLessThan(10);
  expect(output.characters).toBe(textOf(output).length);
});

test("what is more than a page keeps is left out, and said", () => {
  const full = withText(noOutput(), "x".repeat(OUTPUT_CHARACTERS - 1));
  expect(full.cut).toBe(false);
  const over = withText(full, "ab");
  expect(over).toMatchObject({ characters: OUTPUT_CHARACTERS, cut: true, key: full.key });
  expect(withText(over, "more")).toBe(over);
});
