import { expect, test } from "vitest";
import { parseEnv } from "./env.ts";

test("defaults need nothing but the join token", () => {
  const env = parseEnv({ SLIPWAY_JOIN_TOKEN: "0123456789abcdef" });
  expect(env.SLIPWAY_WORKER_DIR).toBe("/var/lib/slipway/worker");
});

test("a wrong variable gives a sentence that names it", () => {
  expect(() => parseEnv({ SLIPWAY_JOIN_TOKEN: "0123456789abcdef", SLIPWAY_RUNTIME: "docker" })).toThrowError(
    /^The worker's settings are wrong\. SLIPWAY_RUNTIME: /,
  );
});
