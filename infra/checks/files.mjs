import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** Directories of what is made or fetched. */
const MADE = new Set([
  ".git",
  "node_modules",
  "dist",
  "build",
  ".next",
  "generated",
  "coverage",
  "test-results",
  "playwright-report",
]);

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
      if (entry.isDirectory()) return MADE.has(entry.name) || entry.name === "testdata" ? [] : walk(file);
      return entry.isFile() && entry.name !== "package-lock.json" ? [file] : [];
    });
  return walk("");
}

/** @param {string} root @param {string} file */
export function readLines(root, file) {
  return readFileSync(path.join(root, file), "utf8").split("\n");
}
