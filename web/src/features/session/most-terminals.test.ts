import { MAX_TERMINALS } from "@slipway/protocol";
import { expect, test } from "vitest";
import { MOST_TERMINALS } from "./most-terminals.ts";

test("the page offers as many terminals as a session may have", () => {
  expect(MOST_TERMINALS).toBe(MAX_TERMINALS);
});
