import { expect, test } from "vitest";
import { DockerfileText, hereDocumentAt, partsOf, restWords } from "./dockerfile-text.ts";
import { applyEdits, TextPlaces } from "./text-places.ts";

test("offsets and lines lead to each other, with either line end and with a byte order mark", () => {
  const places = new TextPlaces("\uFEFFFROM a\r\nRUN b\n");
  expect([1, 2, 3].map((line) => places.line(line))).toEqual(["FROM a", "RUN b", ""]);
  expect(places.positionOf(places.offsetOf(2, 3))).toEqual({ line: 2, column: 3 });
  expect(places.positionOf(0)).toEqual({ line: 1, column: 1 });
  expect(places.offsetOf(1, 99)).toBe(7);
  expect(places.offsetOf(99, 1)).toBe(places.text.length);
});

test("edits are applied at the places of the text before them", () => {
  expect(
    applyEdits("abcdef", [
      { from: 4, to: 6, insert: "" },
      { from: 0, to: 1, insert: "AA" },
    ]),
  ).toBe("AAbcd");
});

test("an entry is found from each of its lines, and a place in it from the text", () => {
  const text = new DockerfileText("FROM a\n\n# why\nRUN echo \\\n  # note\n  hi there\nCMD x\n");
  expect(text.entryAt(2)).toBeNull();
  expect([4, 5, 6].map((line) => text.entryAt(line)?.instruction?.kind)).toEqual(["run", "run", "run"]);
  const entry = text.entryAt(6);
  if (entry === null) throw new Error("there is one");
  const offset = entry.line.map.offsetAt(6, 3);
  expect(entry.line.text.slice(offset ?? 0)).toBe("hi there");
  expect(entry.line.map.offsetAt(5, 4)).toBeNull();
  const span = text.spanIn(entry, offset ?? 0, (offset ?? 0) + 2);
  expect(text.text.slice(span.from, span.to)).toBe("hi");
});

test("an entry is cut into keyword, flags and words", () => {
  const text = new DockerfileText("FROM a AS b\ncopy --from=b --link x y  z\n");
  const [, copy] = text.entries;
  if (copy === undefined) throw new Error("there are two");
  const parts = partsOf(copy);
  expect([parts.keyword.text, parts.known]).toEqual(["copy", "COPY"]);
  expect(parts.flags.map(({ name, value }) => [name, value])).toEqual([
    ["from", "b"],
    ["link", null],
  ]);
  expect(restWords(copy, parts.rest).map((word) => copy.line.text.slice(word.start, word.end))).toEqual([
    "x",
    "y",
    "z",
  ]);
});

test("a line within here-documents tells which one it is of", () => {
  const text = new DockerfileText("FROM a\nCOPY <<A <<'B' /\none\nA\ntwo\nB\nRUN x\n");
  const entry = text.entryAt(3);
  if (entry === null) throw new Error("there is one");
  expect([2, 3, 4, 5, 6, 7].map((line) => hereDocumentAt(entry, line)?.name ?? null)).toEqual([
    null,
    "A",
    "A",
    "B",
    "B",
    null,
  ]);
});
