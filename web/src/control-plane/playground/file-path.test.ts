import { expect, test } from "vitest";
import { checkFolders, checkPath } from "./file-path.ts";

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

test("a name is never a file and a folder", () => {
  expect(() => checkFolders("a", ["a/b"])).toThrow();
  expect(() => checkFolders("a/b/c", ["a/b"])).toThrow();
  expect(() => checkFolders("a/bc", ["a/b", "a/b.txt"])).not.toThrow();
});
