import path from "node:path";
import { installNpmPackages, makePart, PARTS } from "./clone.mjs";
import { installPackages, TEST_PACKAGES } from "./packages.mjs";
import { checkFreeSpace, checkMachine, checkOverlay, FIRST_START_FREE_BYTES } from "./preflight.mjs";
import { Progress } from "./progress.mjs";
import { sentenceOf } from "./refusal.mjs";
import { ROOT } from "./settings.mjs";

/* npm test: sets up what the tests need as npm start does, and runs all of them; the sum is the last line. */

const SECOND_MS = 1_000;
/**
 * Two lanes, which go on side by side: what only reads files, projects of vitest.config.ts, and the journeys of people. Together
 * they keep two processors busy.
 */
const LANES = /** @type {const} */ ([
  ["kernel", "unit", "db"],
  ["static", "conformance", "journeys"],
]);
const VITEST_TIMEOUTS_MS = {
  kernel: 3_600 * SECOND_MS,
  unit: 600 * SECOND_MS,
  db: 600 * SECOND_MS,
  conformance: 1_200 * SECOND_MS,
};
/** Where tests make their data directories: on a disk. */
const TEMPORARY = "/var/tmp";

const progress = new Progress(process.stdout);
const halt = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
  process.once(signal, () => halt.abort(new Error("interrupted")));

async function setUp() {
  const { signal } = halt;
  checkMachine();
  checkFreeSpace(ROOT, FIRST_START_FREE_BYTES, "the tests");
  checkFreeSpace(TEMPORARY, FIRST_START_FREE_BYTES, "the tests");
  await checkOverlay(TEMPORARY);
  await progress.phase("Debian packages", (reporter) => installPackages(TEST_PACKAGES, reporter, signal));
  await progress.phase("npm packages", (reporter) => installNpmPackages(reporter, signal));
  /** @param {import("./clone.mjs").Part[]} parts each made of what the one before it gave */
  const make = async (...parts) => {
    for (const part of parts) await progress.phase(part.name, (reporter) => makePart(part, reporter, signal));
  };
  await Promise.all([make(PARTS.native, PARTS.worker), make(PARTS.web, PARTS.client)]);
}

/** @returns {Promise<number>} exit status */
async function main() {
  process.umask(0o022);
  await setUp();
  // From here on the npm packages are there.
  const { runPart, summarize } = await import("../checks/results.mjs");
  const { runStaticParts } = await import("../checks/static.mjs");
  const { runVitest } = await import("../checks/vitest.mjs");
  const { runJourneys } = await import("../checks/journeys.mjs");
  /** @param {(typeof LANES)[number][number]} part */
  const run = async (part) => {
    if (part === "static") return await runStaticParts();
    const work = () =>
      part === "journeys" ? runJourneys(halt.signal) : runVitest(part, VITEST_TIMEOUTS_MS[part], halt.signal);
    return [await runPart(part, work)];
  };
  /** @type {import("../checks/results.mjs").Result[]} */
  const results = [];
  /** @param {(typeof LANES)[number]} lane */
  const runLane = async (lane) => {
    for (const part of lane) if (!halt.signal.aborted) results.push(...(await run(part)));
  };
  await Promise.all(LANES.map(runLane));
  process.stdout.write(`\n${summarize(results)}\n`);
  return halt.signal.aborted || results.some(({ failed }) => failed > 0) ? 1 : 0;
}

main().then(
  (status) => process.exit(status),
  (error) => {
    const cause = error instanceof Error && error.cause instanceof Error ? `\n${error.cause.message}` : "";
    process.stdout.write(
      `The tests could not be set up in ${path.basename(ROOT)}: ${sentenceOf(error)}${cause}\n\n0 passed, 1 failed\n`,
    );
    process.exit(1);
  },
);
