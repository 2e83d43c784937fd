import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { CommandFailure, runCommand } from "../bootstrap/command.mjs";
import { ROOT } from "../bootstrap/settings.mjs";
import { LiveSlipway } from "./live-slipway.mjs";

const JOURNEYS_TIMEOUT_MS = 30 * 60_000;
/** Playwright ends by itself before that, so that it says what failed. */
const PLAYWRIGHT_TIMEOUT_MS = JOURNEYS_TIMEOUT_MS - 60_000;
/** More of them have one cause. */
const MAX_FAILURES = 6;
const REPORT = path.join(ROOT, "test-results/journeys.json");
/** Where Playwright describes each journey that failed and its page, and how much of that is printed. */
const REMAINS = path.join(ROOT, "test-results/journeys");
const DESCRIPTION_CHARACTERS = 6_000;

/**
 * Starts a whole Slipway, lets Playwright do what people do in a real browser, stops it and looks at what remains.
 * @param {AbortSignal} signal
 */
export async function runJourneys(signal) {
  const slipway = await LiveSlipway.create();
  try {
    await slipway.start(signal);
    const outcome = await runPlaywright(slipway, signal);
    return add(outcome, await checkEnd(slipway));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { passed: 0, failed: 1, problems: [`Slipway did not start: ${message}`] };
  } finally {
    await slipway.stop();
    slipway.remove();
  }
}

/** @typedef {{ passed: number, failed: number, skipped: number, problems: string[] }} Outcome */

/** @param {Outcome} one @param {Outcome} other @returns {Outcome} */
function add(one, other) {
  return {
    passed: one.passed + other.passed,
    failed: one.failed + other.failed,
    skipped: one.skipped + other.skipped,
    problems: [...one.problems, ...other.problems],
  };
}

/**
 * @param {LiveSlipway} slipway
 * @param {AbortSignal} signal
 * @returns {Promise<Outcome>}
 */
async function runPlaywright(slipway, signal) {
  rmSync(REPORT, { force: true });
  const env = {
    ...process.env,
    SLIPWAY_E2E_URL: slipway.url,
    SLIPWAY_E2E_DATA_DIR: slipway.dataDir,
    PLAYWRIGHT_JSON_OUTPUT_NAME: REPORT,
  };
  const options = ["test", `--max-failures=${MAX_FAILURES}`, `--global-timeout=${PLAYWRIGHT_TIMEOUT_MS}`];
  const failure = await runCommand(path.join(ROOT, "node_modules/.bin/playwright"), options, {
    cwd: path.join(ROOT, "e2e"),
    env,
    timeoutMs: JOURNEYS_TIMEOUT_MS,
    signal,
    tailLines: 200,
  }).then(
    () => null,
    (error) => error,
  );
  const tail = failure instanceof CommandFailure ? failure.tail.join("\n") : String(failure ?? "");
  const said = [...failedPages(), tail, slipway.output, slipway.warnings()];
  if (!existsSync(REPORT)) return { passed: 0, failed: 1, skipped: 0, problems: said };
  const { stats } = JSON.parse(readFileSync(REPORT, "utf8"));
  const failed = Math.max(stats.unexpected, failure ? 1 : 0);
  const problems = failed > 0 ? said : [];
  return { passed: stats.expected + stats.flaky, failed, skipped: stats.skipped, problems };
}

/** What stood on the pages when their journeys failed: who reads the log of another machine has no picture of them. */
function failedPages() {
  if (!existsSync(REMAINS)) return [];
  return readdirSync(REMAINS, { recursive: true, encoding: "utf8" })
    .filter((file) => path.basename(file) === "error-context.md")
    .map((file) => {
      const [, rest = ""] = readFileSync(path.join(REMAINS, file), "utf8").split("# Error details");
      const [description = ""] = rest.split("# Test source");
      return `${path.dirname(file)}:${description.slice(0, DESCRIPTION_CHARACTERS)}`;
    });
}

/**
 * Ctrl-C ends it well and leaves nothing but files.
 * @param {LiveSlipway} slipway
 * @returns {Promise<Outcome>}
 */
async function checkEnd(slipway) {
  const status = await slipway.stop();
  const remains = slipway.remains();
  const problems = [
    ...(status === 0 ? [] : [`Slipway ended with status ${status} after Ctrl-C:\n${slipway.output}`]),
    ...(remains.length === 0 ? [] : [`Slipway left behind:\n${remains.join("\n")}`]),
  ];
  return { passed: 2 - problems.length, failed: problems.length, skipped: 0, problems };
}
