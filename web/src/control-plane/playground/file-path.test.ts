import { expect, test } from "vitest";
import { checkPath, foldersOf, isWithin } from "./file-path.ts";

test.each(["Dockerfile", "a/b/c.txt", ".dockerignore", "한글 파일.txt", "a..b", `${"d".repeat(255)}/f`])(
  "%j is a file's name",
  (path) => expect(() => checkPath(path)).not.toThrow(),
);

test.each([
  "",
  "/etc/passwd",
  "../x",
  "a/../../x",
  "a/..",
  ".",
  "a//b",
  "a/",
  "a\\b",
  "a\0b",
  "a\nb",
  "a\u0085b",
  "\ud800",
  "d".repeat(256),
  "a/".repeat(300),
])("%j is not", (path) => expect(() => checkPath(path)).toThrow(/^The file name is not valid/));

test("the folders of a path are told from the outside in", () => {
  expect(foldersOf("a/b/c.txt")).toEqual(["a", "a/b"]);
  expect(foldersOf("c.txt")).toEqual([]);
});

test("a name that only begins alike is not within a folder", () => {
  expect(isWithin("a/bc", "a/b")).toBe(false);
  expect(isWithin("a/b/c", "a/b")).toBe(true);
  expect(isWithin("a/b", "a/b")).toBe(true);
});
