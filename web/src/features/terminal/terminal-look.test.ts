import { expect, test } from "vitest";
import { FIRST_LOOK, lookOf } from "./terminal-look.ts";

test("a look comes back as it was", () => {
  const look = { fontPx: 18, theme: "amber", screenReader: true };
  expect(lookOf(JSON.stringify(look))).toEqual(look);
});

test.each([[null], ["{"], ["null"], ["[]"], ['{"fontPx":"big","theme":"<b>","screenReader":1}']])(
  "memory that is no look, such as %j, is the first look",
  (text) => {
    expect(lookOf(text)).toEqual(FIRST_LOOK);
  },
);

test("letters stay readable and fit", () => {
  expect(lookOf('{"fontPx":400}').fontPx).toBe(28);
  expect(lookOf('{"fontPx":0}').fontPx).toBe(9);
});
