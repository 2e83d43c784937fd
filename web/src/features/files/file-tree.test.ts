import { expect, test } from "vitest";
import { foldersTo, movedTo, visibleRows } from "./file-tree.ts";

const FILES = ["Dockerfile", "app.js", "src", "src/a.js", "src/lib", "src/lib/b.js"].map((path) => ({
  path,
  isFolder: path === "src" || path === "src/lib",
}));
const shown = (...open: string[]) =>
  visibleRows(FILES, new Set(open)).map(({ name, depth }) => `${"  ".repeat(depth)}${name}`);

test("what is in a closed folder does not show, and folders come first", () => {
  expect(shown()).toEqual(["src", "Dockerfile", "app.js"]);
  expect(shown("src")).toEqual(["src", "  lib", "  a.js", "Dockerfile", "app.js"]);
  expect(shown("src/lib")).toEqual(shown());
  expect(shown("src", "src/lib")).toEqual(["src", "  lib", "    b.js", "  a.js", "Dockerfile", "app.js"]);
});

test.each([
  ["app.js", "src", "src/app.js"],
  ["src/a.js", "", "a.js"],
  ["src/lib", "", "lib"],
  ["src/a.js", "src", null],
  ["src", "src/lib", null],
  ["src", "src", null],
])("%s moved into %j lies at %j", (path, folder, to) => {
  expect(movedTo(path, folder)).toBe(to);
});

test("the folders to a path are told from the outside in", () => {
  expect(foldersTo("a/b/c")).toEqual(["a", "a/b"]);
});
