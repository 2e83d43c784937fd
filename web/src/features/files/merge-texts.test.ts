import { expect, test } from "vitest";
import { mergeTexts } from "./merge-texts.ts";

const lines = (...all: string[]) => all.map((line) => `${line}\n`).join("");

test.each([
  ["nothing", "a\n", "a\n", "a\n", "a\n"],
  ["only mine", "a\n", "b\n", "a\n", "b\n"],
  ["only theirs", "a\n", "a\n", "b\n", "b\n"],
  ["the same", "a\n", "b\n", "b\n", "b\n"],
  ["both ends", lines("1", "2", "3"), lines("x", "2", "3"), lines("1", "2", "y"), lines("x", "2", "y")],
  ["lines put in", lines("1", "2"), lines("1", "m", "2"), lines("1", "2", "t"), lines("1", "m", "2", "t")],
  ["a last line without an end", "1\n2\n3", "x\n2\n3", "1\n2\n3\n", "x\n2\n3\n"],
  ["Windows line ends", "1\r\n2\r\n3", "x\r\n2\r\n3", "1\r\n2\r\ny", "x\r\n2\r\ny"],
])("%s changed: clean", (_, base, mine, theirs, text) => {
  expect(mergeTexts({ base, mine, theirs })).toEqual({ clean: true, text });
});

test("the same line changed twice is marked, with both texts in it", () => {
  const merged = mergeTexts({ base: "1\n2\n3", mine: "1\nm\n3", theirs: "1\nt\n3" });
  expect(merged).toEqual({
    clean: false,
    text: "1\n<<<<<<< yours\nm\n=======\nt\n>>>>>>> theirs\n3",
  });
});

test("two new files of one name are a conflict, and a part that only one has is not lost", () => {
  const { clean, text } = mergeTexts({ base: "", mine: "mine", theirs: "theirs\n" });
  expect(clean).toBe(false);
  expect(text).toBe("<<<<<<< yours\nmine\n=======\ntheirs\n>>>>>>> theirs\n");
});

test("texts that differ everywhere are marked as a whole instead of keeping the page busy", () => {
  const many = (letter: string) => `${letter}\n`.repeat(20_000);
  const { clean, text } = mergeTexts({ base: many("o"), mine: many("m"), theirs: many("t") });
  expect(clean).toBe(false);
  expect(text.length).toBeGreaterThan(80_000);
});
