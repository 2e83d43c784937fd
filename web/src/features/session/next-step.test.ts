import { type EndCause, type ErrorCode, endCauseSchema, SlipwayError } from "@slipway/protocol";
import { expect, test } from "vitest";
import { nextStep } from "./next-step.ts";

const after = (
  cause: EndCause,
  exitCode: number | null = null,
  code: ErrorCode | null = null,
  filesKept = true,
) =>
  nextStep(
    { cause, exitCode, metric: null, error: code === null ? null : new SlipwayError(code, "test").toWire() },
    filesKept,
  );

test("every cause has a sentence of its own", () => {
  const sentences = endCauseSchema.options.map((cause) => after(cause, 0).sentence);
  expect(sentences).toEqual(endCauseSchema.options);
});

test("a command that failed is something else than one that came to its end", () => {
  expect(after("command-exited", 0)).toEqual({ sentence: "command-exited", action: "shell" });
  expect(after("command-exited", 3)).toEqual({ sentence: "command-failed", action: "shell" });
});

test("a launch that failed for want of room is launched again, others are built again", () => {
  expect(after("launch-failed", null, "no-worker").action).toBe("launch");
  expect(after("launch-failed", null, "image-missing")).toEqual({ sentence: "image-gone", action: "build" });
  expect(after("launch-failed", null, "command-not-found").action).toBe("build");
});

test("what the operator stopped is kept before anything else, where there is something to keep", () => {
  expect(after("stopped-by-operator").action).toBe("keep");
  const nothing = after("stopped-by-operator", 137, null, false);
  expect(nothing).toEqual({ sentence: "nothing-to-save", action: "launch" });
});
