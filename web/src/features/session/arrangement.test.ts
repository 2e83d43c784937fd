import { expect, test } from "vitest";
import { apart, beside, closed, NO_ARRANGEMENT, named, tabsOf, withNew } from "./arrangement.ts";

const three = { ...NO_ARRANGEMENT, tabs: [["a"], ["b"], ["c"]] };

test("a terminal that nobody placed has a tab of its own, after the others", () => {
  expect(tabsOf({ tabs: [["b"]], closed: [] }, ["a", "b", "c"])).toEqual([["b"], ["a"], ["c"]]);
});

test("a terminal that is gone, or not there yet, has no tab", () => {
  expect(tabsOf({ tabs: [["a", "gone"], ["later"]], closed: [] }, ["a"])).toEqual([["a"]]);
});

test("a split stands to the right of the terminal that it was made from", () => {
  const split = beside({ ...NO_ARRANGEMENT, tabs: [["a", "b"]] }, "new", "a");
  expect(tabsOf(split, ["a", "b", "new"])).toEqual([["a", "new", "b"]]);
  expect(split.active).toBe("new");
});

test("it does not matter whether the news of a split's terminal come before or after it is placed", () => {
  const late = beside(NO_ARRANGEMENT, "new", "a");
  const early = beside({ ...NO_ARRANGEMENT, tabs: [["a"], ["new"]] }, "new", "a");
  expect(tabsOf(late, ["a", "new"])).toEqual(tabsOf(early, ["a", "new"]));
});

test("a split's terminal keeps its place when something else changes before the news of it come", () => {
  const split = beside({ ...NO_ARRANGEMENT, tabs: [["main"], ["a"]] }, "new", "a");
  const changed = { ...split, tabs: withNew(split, ["main", "a"]) };
  expect(tabsOf(changed, ["main", "a"])).toEqual([["main"], ["a"]]);
  expect(tabsOf(changed, ["main", "a", "new"])).toEqual([["main"], ["a", "new"]]);
});

test("a terminal is in one place only, however often it is moved", () => {
  const moved = beside(apart(beside(beside(three, "c", "a"), "b", "a"), "c"), "c", "b");
  expect(moved.tabs.flat().sort()).toEqual(["a", "b", "c"]);
});

test("a terminal that leaves a split stands right after it", () => {
  expect(apart({ ...NO_ARRANGEMENT, tabs: [["a", "b"], ["c"]] }, "a").tabs).toEqual([["b"], ["a"], ["c"]]);
});

test("a name has no characters that act, is not too long, and can be taken back", () => {
  expect(named(three, "a", " \u202elog\u0000s ").names.a).toBe("logs");
  expect(named(three, "a", "x".repeat(90)).names.a).toHaveLength(40);
  expect(named(named(three, "a", "logs"), "a", "  ").names).toEqual({});
});

test("a closed terminal stays away, and its neighbour is in front", () => {
  const gone = closed({ ...NO_ARRANGEMENT, tabs: [["a", "b"]], active: "a" }, "a");
  expect(tabsOf(gone, ["a", "b"])).toEqual([["b"]]);
  expect(gone.active).toBe("b");
});
