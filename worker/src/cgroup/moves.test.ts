import { expect, test } from "vitest";
import { ownGroup } from "./moves.ts";

test("a process's own group is found in every layout, also with a colon in its name", () => {
  const hybrid = "9:name=systemd:/init\n4:memory,pids:/a:b/c\n0::/user.slice\n";
  expect(ownGroup(hybrid, "pids")).toBe("/a:b/c");
  expect(ownGroup(hybrid, "")).toBe("/user.slice");
  expect(ownGroup(hybrid, "freezer")).toBeNull();
  expect(ownGroup("", "")).toBeNull();
});
