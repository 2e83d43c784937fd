import { expect, test } from "vitest";
import { holdName } from "./hold-name.ts";

test("a name that is held is refused to the next one", async () => {
  const name = `slipway-test-${process.pid}`;
  await holdName(name);
  await expect(holdName(name)).rejects.toThrowError(/Another Slipway worker/);
});
