import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** Directories of what is made or fetched. */
const MADE = new Set([
  ".git",
  "node_modules",
  "dist",
  ".next",
  "generated",
  "coverage",
  "test-results",
  "playwright-report",
]);
/** The same by path: `build` is a word of the domain too. */
const MADE_PATHS = new Set(["native/build"]);

/**
 * The files that people write, without golden data.
 * @param {string} root
 * @returns {string[]} paths relative to the root
 */
export function sourceFiles(root) {
  /** @param {string} directory @returns {string[]} */
  const walk = (directory) =>
    readdirSync(path.join(root, directory), { withFileTypes: true }).flatMap((entry) => {
      const file = path.join(directory, entry.name);
      if (entry.isDirectory())
        return MADE.has(entry.name) || MADE_PATHS.has(file) || entry.name === "testdata" ? [] : walk(file);
      return entry.isFile() && entry.name !== "package-lock.json" ? [file] : [];
    });
  return walk("");
}

/** @param {string} root @param {string} file */
export function readLines(root, file) {
  return readFileSync(path.join(root, file), "utf8").split("\n");
}
