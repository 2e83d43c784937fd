import { existsSync, mkdirSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { ROOT } from "../bootstrap/settings.mjs";

/** What has modules of ours, in the clone and in the fixture of the test. */
const SOURCES = ["web/src", "worker", "native/src", "prisma", "e2e", "infra"];

/** @typedef {{ rule: string, from: string, to: string }} Violation */

/**
 * dependency-cruiser parses with the TypeScript that it finds, and can't with version 7, which has no such interface any
 * more. So it is handed a TypeScript 5 of its own where it looks first.
 */
function provideParser() {
  const modules = path.join(ROOT, "node_modules/dependency-cruiser/node_modules");
  mkdirSync(modules, { recursive: true });
  const link = path.join(modules, "typescript");
  if (!existsSync(link)) symlinkSync("../../typescript-classic", link);
}

/**
 * Checks the modules of a directory that is laid out like the clone against `.dependency-cruiser.cjs`.
 * @param {string} directory
 * @returns {Promise<Violation[]>}
 */
export async function checkImports(directory) {
  provideParser();
  const before = process.cwd();
  process.chdir(directory);
  try {
    const { cruise } = await import("dependency-cruiser");
    const { forbidden, options } = createRequire(import.meta.url)(path.join(ROOT, ".dependency-cruiser.cjs"));
    const sources = SOURCES.filter((source) => existsSync(source));
    const { output } = await cruise(sources, { ...options, validate: true, ruleSet: { forbidden } });
    if (typeof output === "string") throw new Error(`dependency-cruiser answered text: ${output}`);
    return output.summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to }));
  } finally {
    process.chdir(before);
  }
}
