import { expect, test } from "vitest";
import { fittingFontPx } from "./room.ts";

const room = { rows: 24, cols: 80 };

test("a terminal that fits keeps its letters", () => {
  expect(fittingFontPx({ rows: 24, cols: 80 }, room, 13)).toBe(13);
  expect(fittingFontPx({ rows: 10, cols: 40 }, room, 13)).toBe(13);
});

test("a terminal that is larger than its place has smaller letters, so that all of it is seen", () => {
  expect(fittingFontPx({ rows: 24, cols: 160 }, room, 13)).toBe(6.5);
  expect(fittingFontPx({ rows: 48, cols: 80 }, room, 13)).toBe(6.5);
});

test("letters never become too small to be seen", () => {
  expect(fittingFontPx({ rows: 1000, cols: 1000 }, room, 13)).toBe(4);
});
