import { expect, test } from "vitest";
import { localPath } from "./local-path.ts";

test.each([
  ["/", "/"],
  ["/a/b?c=d&e=%20f#g", "/a/b?c=d&e=%20f#g"],
  ["/a/../b", "/b"],
  ["/안녕", "/%EC%95%88%EB%85%95"],
])("%s stays a path", (to, path) => {
  expect(localPath(to)).toBe(path);
});

test.each([
  null,
  "",
  "a",
  "//evil.example/",
  "/\\evil.example/",
  "\\\\evil.example",
  "/\t/evil.example",
  "/a/..//evil.example",
  "https://evil.example/",
  "javascript:alert(1)",
  `/${"a".repeat(3000)}`,
])("%j leads to no other host", (to) => {
  expect(localPath(to)).toBe("/");
});
