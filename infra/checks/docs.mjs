import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { checkSystemCalls } from "./system-calls.mjs";

/** Where the settings are parsed, and where they are documented. */
const SCHEMAS = ["web/src/control-plane/env.ts", "worker/src/env.ts"];
const BOOTSTRAP_SETTINGS = "infra/bootstrap/settings.mjs";
const SETTINGS_TABLE = "README.md";

/** Folders of the clone: a path in backticks that begins with one of them has to exist. */
const TOP = /^(web|worker|native|prisma|e2e|infra|\.ci)\//;
/** What is made rather than written. */
const MADE = /(^|\/)(dist|build|node_modules|\.next|generated)(\/|$)/;

/** @type {import("./tidy.mjs").TidyRule[]} */
export const DOCS_RULES = [
  {
    name: "links in the docs lead somewhere",
    check: (root, files) => markdown(files).flatMap((file) => brokenLinks(root, file)),
  },
  {
    name: "paths in the docs exist",
    check: (root, files) => markdown(files).flatMap((file) => missingPaths(root, file)),
  },
  {
    name: "commands in the docs exist",
    check: (root, files) => markdown(files).flatMap((file) => missingScripts(root, file)),
  },
  { name: "the table of settings is that of the schemas", check: checkSettings },
  { name: "system calls of native/ are listed with their reasons", check: checkSystemCalls },
];

/** @param {string[]} files */
function markdown(files) {
  return files.filter((file) => file.endsWith(".md"));
}

/** @param {string} root @param {string} file */
function read(root, file) {
  return readFileSync(path.join(root, file), "utf8");
}

/** @param {string} root @param {string} file */
function brokenLinks(root, file) {
  const text = read(root, file);
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)|\bsrc="([^"]+)"/g)].map(
    (match) => match[1] ?? match[2] ?? "",
  );
  return targets
    .filter((target) => !/^([a-z]+:|#)/.test(target))
    .filter((target) => !existsSync(path.join(root, path.dirname(file), target.replace(/#.*$/, ""))))
    .map((target) => `${file} links to ${target}`);
}

/** @param {string} root @param {string} file */
function missingPaths(root, file) {
  const words = [...read(root, file).matchAll(/`([^`\s]+)`/g)].map((match) => match[1] ?? "");
  return words
    .filter((word) => TOP.test(word) && !MADE.test(word) && !/[*<{…]/.test(word))
    .filter((word) => !existsSync(path.join(root, word)))
    .map((word) => `${file} names ${word}`);
}

/** @param {string} root @param {string} file */
function missingScripts(root, file) {
  const { scripts } = JSON.parse(read(root, "package.json"));
  return [...read(root, file).matchAll(/`npm run ([a-z:-]+)(?! -w)[^`]*`/g)]
    .filter((match) => !match[0].includes(" -w "))
    .map((match) => match[1] ?? "")
    .filter((name) => !(name in scripts))
    .map((name) => `${file} names npm run ${name}`);
}

/** @param {string} root */
function checkSettings(root) {
  const ofProcesses = SCHEMAS.filter((file) => existsSync(path.join(root, file)));
  const ofBootstrap = existsSync(path.join(root, BOOTSTRAP_SETTINGS)) ? read(root, BOOTSTRAP_SETTINGS) : "";
  const parsed = new Set([
    ...ofProcesses.flatMap((file) => variables(read(root, file))),
    ...[...ofBootstrap.matchAll(/\benv\.([A-Z][A-Z0-9_]+)/g)].map((match) => match[1] ?? ""),
  ]);
  const documented = new Set(
    [...read(root, SETTINGS_TABLE).matchAll(/^\| *`([A-Z_]+)`/gm)].map((match) => match[1] ?? ""),
  );
  return [
    ...[...parsed]
      .filter((name) => !documented.has(name))
      .map((name) => `${name} is not in ${SETTINGS_TABLE}`),
    ...[...documented]
      .filter((name) => !parsed.has(name))
      .map((name) => `${SETTINGS_TABLE} has ${name}, which nothing parses`),
  ];
}

/** @param {string} schema @returns {string[]} members of the zod object that are environment variables */
function variables(schema) {
  return [...schema.matchAll(/^ {2}([A-Z][A-Z0-9_]+):/gm)].map((match) => match[1] ?? "");
}
