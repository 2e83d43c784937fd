import { expect, test } from "vitest";
import { RunGroups } from "./run-groups.ts";

test("two containers at the same time never have the same group, and a released one is used again", () => {
  const groups = new RunGroups();
  expect(groups.take("/slipway/build-a")).toBe("/slipway/build-a/run-0");
  expect(groups.take("/slipway/build-a")).toBe("/slipway/build-a/run-1");
  expect(groups.take("/slipway/build-b")).toBe("/slipway/build-b/run-0");
  groups.release("/slipway/build-a/run-0");
  expect(groups.take("/slipway/build-a")).toBe("/slipway/build-a/run-0");
});
