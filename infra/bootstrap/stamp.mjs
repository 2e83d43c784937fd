import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";

/** Directories that hold what is made, not what it is made of. */
const MADE = new Set(["node_modules", "dist", ".next", "generated", "test-results", "playwright-report"]);
/** The same by path: `build` is a word of the domain too. */
const MADE_PATHS = new Set(["native/build"]);
const MADE_FILES = new Set(["next-env.d.ts"]);
const STAMP = ".slipway-stamp";

/**
 * One name for the content of files and directories: the same content has the same name on every machine.
 * @param {string} root
 * @param {readonly string[]} inputs files and directories below the root; missing ones count as empty
 * @param {readonly string[]} [facts] what else the result depends on
 * @returns {string}
 */
export function stampOf(root, inputs, facts = []) {
  const sum = createHash("sha256");
  for (const fact of facts) sum.update(`${fact}\n`);
  for (const input of inputs) {
    for (const file of filesOf(root, path.join(root, input))) {
      sum
        .update(`${path.relative(root, file)}\0`)
        .update(readFileSync(file))
        .update("\0");
    }
  }
  return sum.digest("hex");
}

/**
 * @param {string} root
 * @param {string} start
 * @returns {string[]}
 */
function filesOf(root, start) {
  const stat = statSync(start, { throwIfNoEntry: false });
  if (!stat) return [];
  if (!stat.isDirectory()) return [start];
  const entries = readdirSync(start, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => {
    const file = path.join(start, entry.name);
    if (entry.isDirectory()) return isMade(root, file) ? [] : filesOf(root, file);
    return entry.isFile() && !MADE_FILES.has(entry.name) ? [file] : [];
  });
}

/** @param {string} root @param {string} directory */
function isMade(root, directory) {
  return MADE.has(path.basename(directory)) || MADE_PATHS.has(path.relative(root, directory));
}

/**
 * @param {string} output directory of what was made
 * @param {string} stamp
 * @returns {boolean} whether it was made, to the end, of content with this stamp
 */
export function isCurrent(output, stamp) {
  try {
    return readFileSync(path.join(output, STAMP), "utf8") === stamp;
  } catch {
    return false;
  }
}

/** @param {string} output @param {string} stamp */
export function writeStamp(output, stamp) {
  mkdirSync(output, { recursive: true });
  writeFileSync(path.join(output, STAMP), stamp);
}
