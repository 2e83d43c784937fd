import { expect, test } from "vitest";
import { fileNameProblem } from "./file-name.ts";

const TAKEN = ["Dockerfile", "src/app.js"];

test.each([
  ["README.md", null],
  ["src/other.js", null],
  ["한글 이름.txt", null],
  [".dockerignore", null],
  ["", "nameEmpty"],
  ["Dockerfile", "nameTaken"],
  ["src", "nameTaken"],
  ["Dockerfile/x", "nameTaken"],
  ["/etc/passwd", "nameInvalid"],
  ["../up", "nameInvalid"],
  ["a/../b", "nameInvalid"],
  ["a//b", "nameInvalid"],
  ["a\\b", "nameInvalid"],
  [" padded", "nameInvalid"],
  ["line\nbreak", "nameInvalid"],
  ["x".repeat(201), "nameInvalid"],
])("the name %j is judged %j", (name, problem) => {
  expect(fileNameProblem(name, TAKEN)).toBe(problem);
});

test("a folder may get more in it, and is no name for a file", () => {
  expect(fileNameProblem("empty/new", [], ["empty"])).toBeNull();
  expect(fileNameProblem("empty", [], ["empty"])).toBe("nameTaken");
  expect(fileNameProblem("empty/", [], ["empty"])).toBe("nameEmpty");
});
