import { readFileSync } from "node:fs";
import path from "node:path";
import { readLines, sourceFiles } from "./files.mjs";
import { registryHosts } from "./registry-hosts.mjs";

/** A file that reaches this has more than one job. */
const MOST_LINES = 500;
const SOURCE = /\.(ts|tsx|mjs|cjs|cc|h)$/;
const TEXT = /\.(ts|tsx|mjs|cjs|cc|h|css|json|md|yaml|yml|sh|prisma|sql|gyp)$|(^|\/)(Dockerfile[^/]*|run)$/;
const EXACT_VERSION = /^(npm:(@[a-z0-9-]+\/)?[a-z0-9-]+@)?\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/;

/** Written in pieces, so that this file does not hold what it looks for. */
const EXCUSES = [
  "TO" + "DO",
  "FIX" + "ME",
  "biome" + "-ignore",
  "eslint" + "-disable",
  "@ts" + "-ignore",
  "@ts" + "-nocheck",
];

/** @typedef {{ name: string, check: (root: string, files: string[]) => string[] }} TidyRule answers one line per problem */

/** @type {TidyRule[]} */
export const TIDY_RULES = [
  {
    name: `no file has more than ${MOST_LINES} lines`,
    check: (root, files) =>
      files
        .filter((file) => SOURCE.test(file))
        .map((file) => ({ file, lines: readLines(root, file).length - 1 }))
        .filter(({ lines }) => lines > MOST_LINES)
        .map(({ file, lines }) => `${file} has ${lines} lines`),
  },
  {
    name: "folders are nouns of the domain",
    check: (_root, files) => {
      const forbidden = /(^|\/)(utils?|helpers?|common|shared|lib|misc)\//;
      return files
        .filter((file) => forbidden.test(file))
        .map((file) => `${file} lies in a folder of that name`);
    },
  },
  {
    name: "versions of packages are exact",
    check: (root, files) =>
      files.filter((file) => /(^|\/)package\.json$/.test(file)).flatMap((file) => looseVersions(root, file)),
  },
  {
    name: "no host of a package registry is named",
    check: (root, files) => findWords(root, files, registryHosts()),
  },
  {
    name: "nothing is put off, and no check is silenced",
    check: (root, files) =>
      findWords(
        root,
        files.filter((file) => !file.endsWith(".md")),
        EXCUSES,
      ),
  },
  { name: "tests prove, and none is left out", check: focusedTests },
  { name: "the version is the same everywhere", check: otherVersions },
];

/** @param {string} root @param {string} file */
function looseVersions(root, file) {
  const manifest = JSON.parse(readFileSync(path.join(root, file), "utf8"));
  const all = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies };
  return Object.entries(all)
    .filter(([, version]) => !EXACT_VERSION.test(String(version)))
    .map(([name, version]) => `${file}: ${name} is ${version}`);
}

/** @param {string} root @param {string[]} files @param {string[]} words */
function findWords(root, files, words) {
  return files
    .filter((file) => TEXT.test(file) && !file.startsWith("infra/checks/tidy"))
    .flatMap((file) =>
      readLines(root, file).flatMap((line, index) =>
        words.filter((word) => line.includes(word)).map((word) => `${file}:${index + 1} has ${word}`),
      ),
    );
}

/** @param {string} root @param {string[]} files */
function focusedTests(root, files) {
  const focused = /^\s*(test|it|describe)\.(only|skip)\(/;
  return files
    .filter((file) => /\.(test|spec)\.tsx?$/.test(file))
    .flatMap((file) =>
      readLines(root, file).flatMap((line, index) =>
        focused.test(line) ? [`${file}:${index + 1} ${line.trim()}`] : [],
      ),
    );
}

/** @param {string} root @param {string[]} files */
function otherVersions(root, files) {
  const { version } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
  return files
    .filter((file) => /(^|\/)(package\.json|version\.ts)$/.test(file) && !file.includes("/protocol/src/"))
    .filter((file) => !readFileSync(path.join(root, file), "utf8").includes(`"${version}"`));
}

/**
 * @param {string} root
 * @param {TidyRule[]} rules
 * @returns {{ name: string, problems: string[] }[]}
 */
export function checkTidy(root, rules) {
  const files = sourceFiles(root);
  return rules.map(({ name, check }) => ({ name, problems: check(root, files) }));
}
