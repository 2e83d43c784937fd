import { expect, test } from "vitest";
import { FIRST_LAYOUT, layoutOf, openAreas, resized, shown, toggled } from "./layout.ts";

test("a layout comes back from a browser's memory as it was", () => {
  const layout = resized(toggled(shown(FIRST_LAYOUT, "left", "context"), "session"), "side", 50);
  expect(layoutOf(JSON.stringify(layout))).toEqual(layout);
});

test.each([
  [null],
  ["{"],
  ["7"],
  [JSON.stringify({ sizes: { left: "wide" }, closed: "all", front: { left: 3 } })],
  [JSON.stringify({ closed: ["nowhere"], front: { nowhere: "x" }, sizes: null })],
])("memory that is no layout, such as %j, is the first layout", (text) => {
  expect(layoutOf(text)).toEqual(FIRST_LAYOUT);
});

test("no part of the page is dragged out of sight", () => {
  expect(layoutOf(JSON.stringify({ sizes: { side: 400, left: -3 } })).sizes).toMatchObject({
    side: 76,
    left: 10,
  });
});

test("what is shown is open and in front", () => {
  const layout = shown(toggled(FIRST_LAYOUT, "build"), "build", "layers");
  expect(openAreas(layout)).toContain("build");
  expect(layout.front.build).toBe("layers");
});

test("an area that is closed twice is open again", () => {
  expect(toggled(toggled(FIRST_LAYOUT, "left"), "left")).toEqual(FIRST_LAYOUT);
});

test("whoever closes everything sees the text", () => {
  const layout = (["left", "middle", "build", "session"] as const).reduce(toggled, FIRST_LAYOUT);
  expect(openAreas(layout)).toEqual(["middle"]);
  expect(openAreas(toggled(layout, "session"))).toEqual(["session"]);
});
