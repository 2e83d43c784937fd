import { expect, test } from "vitest";
import { goMode } from "./path-stat.ts";

test("modes are those of Go's os.FileMode", () => {
  expect(goMode(0o100644)).toBe(0o644);
  expect(goMode(0o40755)).toBe(0x80000000 + 0o755);
  expect(goMode(0o41777)).toBe(0x80000000 + 0x100000 + 0o777);
  expect(goMode(0o120777)).toBe(0x8000000 + 0o777);
  expect(goMode(0o104755)).toBe(0x800000 + 0o755);
  expect(goMode(0o20620)).toBe(0x4000000 + 0x200000 + 0o620);
});
