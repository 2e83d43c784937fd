import { expect, test } from "vitest";
import { wayBack } from "./way-back.ts";

test.each([
  ["?to=%2Fp%2Fabc%3Fa%3D1%23b", "/p/abc?a=1#b"],
  ["", "/"],
  ["?to=https%3A%2F%2Fevil.example%2F", "/"],
  ["?to=%2F%2Fevil.example%2F", "/"],
  ["?to=%2F%5Cevil.example%2F", "/"],
  ["?to=javascript%3Aalert(1)", "/"],
])("%j leads to %j", (query, path) => {
  expect(wayBack(query, "https://slipway.example")).toBe(path);
});
