import { buildStateSchema, sessionStateSchema } from "@slipway/protocol";
import { describe, expect, test } from "vitest";
import {
  ACTIVE_BUILD_STATES,
  BUILD_STATES,
  buildStatesBefore,
  isBuildOver,
  mayBuildBecome,
} from "./build/build-state.ts";
import { maySessionBecome, SESSION_STATES, sessionStatesBefore } from "./session/session-state.ts";

describe("a build", () => {
  test("has the states of the protocol", () => {
    expect([...BUILD_STATES].sort()).toEqual([...buildStateSchema.options].sort());
  });
  test.each(["succeeded", "failed", "cancelled"] as const)("stays %s", (state) => {
    expect(isBuildOver(state)).toBe(true);
    expect(BUILD_STATES.filter((to) => mayBuildBecome(state, to))).toEqual([]);
  });
  test("succeeds only while a worker builds it", () => {
    expect(buildStatesBefore("succeeded")).toEqual(["building"]);
  });
  test("can be cancelled as long as it is not over", () => {
    expect(buildStatesBefore("cancelled")).toEqual(ACTIVE_BUILD_STATES);
  });
});

describe("a session", () => {
  test("has the states of the protocol", () => {
    expect([...SESSION_STATES].sort()).toEqual([...sessionStateSchema.options].sort());
  });
  test("does not come back from its end", () => {
    expect(SESSION_STATES.filter((to) => maySessionBecome("ended", to))).toEqual([]);
  });
  test("does not run again once it is stopping", () => {
    expect(sessionStatesBefore("running")).toEqual(["starting"]);
  });
});
