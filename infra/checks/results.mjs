/**
 * What one part of the tests came to.
 * @typedef {object} Result
 * @property {string} part
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {number} seconds
 * @property {string[]} problems what to read when it failed
 */

const COLUMNS = { part: 18, number: 8 };

/**
 * Runs a part, times it, and turns an error of the part itself into a failure.
 * @param {string} part
 * @param {() => Promise<Pick<Result, "passed" | "failed" | "problems"> & { skipped?: number }>} work
 * @returns {Promise<Result>}
 */
export async function runPart(part, work) {
  const startedMs = performance.now();
  process.stdout.write(`… ${part}\n`);
  /** @type {Omit<Result, "part" | "seconds">} */
  let outcome;
  try {
    outcome = { skipped: 0, ...(await work()) };
  } catch (error) {
    outcome = {
      passed: 0,
      failed: 1,
      skipped: 0,
      problems: [error instanceof Error ? error.message : String(error)],
    };
  }
  const result = { part, ...outcome, seconds: (performance.now() - startedMs) / 1000 };
  const mark = result.failed > 0 ? "✗" : "✓";
  process.stdout.write(`${mark} ${part.padEnd(COLUMNS.part)} ${result.seconds.toFixed(1)} s\n`);
  for (const problem of result.problems) process.stdout.write(`    ${problem.replaceAll("\n", "\n    ")}\n`);
  return result;
}

/**
 * The summary at the end; its last line is the sum.
 * @param {readonly Result[]} results
 * @returns {string}
 */
export function summarize(results) {
  const row = (/** @type {(string | number)[]} */ [part, ...numbers]) =>
    `${String(part).padEnd(COLUMNS.part)}${numbers.map((number) => String(number).padStart(COLUMNS.number)).join("")}`;
  const sum = (/** @type {"passed" | "failed" | "skipped"} */ key) =>
    results.reduce((total, result) => total + result[key], 0);
  const lines = results.map(({ part, passed, failed, skipped, seconds }) =>
    row([part, passed, failed, skipped, seconds.toFixed(1)]),
  );
  const skipped = sum("skipped");
  const total = `${sum("passed")} passed, ${sum("failed")} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
  return [row(["part", "passed", "failed", "skipped", "seconds"]), ...lines, "", total].join("\n");
}
