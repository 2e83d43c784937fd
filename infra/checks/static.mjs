import { existsSync } from "node:fs";
import path from "node:path";
import { CommandFailure, runCommand } from "../bootstrap/command.mjs";
import { ROOT } from "../bootstrap/settings.mjs";
import { DOCS_RULES } from "./docs.mjs";
import { checkImports } from "./import-rules.mjs";
import { runPart } from "./results.mjs";
import { checkTidy, TIDY_RULES } from "./tidy.mjs";

const TOOL_TIMEOUT_MS = 5 * 60_000;
const PACKAGES = ["worker/protocol", "worker/dockerfile", "worker", "native", "web", "e2e", "infra"];

/**
 * The parts that only read files.
 * @returns {Promise<import("./results.mjs").Result[]>}
 */
export async function runStaticParts() {
  return [
    await runPart("format and lint", () =>
      count([
        () => tool("biome", ["ci", "--max-diagnostics=100", "--diagnostic-level=warn", "--colors=off"]),
      ]),
    ),
    await runPart("types", () => {
      const typed = PACKAGES.filter((directory) => existsSync(path.join(ROOT, directory, "tsconfig.json")));
      return count(typed.map((directory) => () => tool("tsc", ["-p", directory])));
    }),
    await runPart("import rules", async () => {
      const problems = (await checkImports(ROOT)).map(({ rule, from, to }) => `${rule}: ${from} → ${to}`);
      return { passed: problems.length === 0 ? 1 : 0, failed: problems.length, problems };
    }),
    await runPart("tidy and docs", async () => {
      const checked = checkTidy(ROOT, [...TIDY_RULES, ...DOCS_RULES]);
      const broken = checked.filter(({ problems }) => problems.length > 0);
      const problems = broken.map((rule) => `${rule.name}:\n  ${rule.problems.join("\n  ")}`);
      return { passed: checked.length - broken.length, failed: broken.length, problems };
    }),
  ];
}

/** @param {(() => Promise<string | null>)[]} checks each answers what is wrong, or null */
async function count(checks) {
  const problems = [];
  for (const check of checks) {
    const problem = await check();
    if (problem !== null) problems.push(problem);
  }
  return { passed: checks.length - problems.length, failed: problems.length, problems };
}

/**
 * @param {string} name of a program in node_modules/.bin
 * @param {string[]} args
 * @returns {Promise<string | null>}
 */
async function tool(name, args) {
  const env = { ...process.env, NO_COLOR: "1" };
  try {
    await runCommand(path.join(ROOT, "node_modules/.bin", name), args, {
      cwd: ROOT,
      env,
      timeoutMs: TOOL_TIMEOUT_MS,
      tailLines: 2_000,
    });
    return null;
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    return `${name} ${args.join(" ")} ${error.how}\n${error.tail.join("\n")}`;
  }
}
