import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { CommandFailure, runCommand } from "../bootstrap/command.mjs";
import { ROOT } from "../bootstrap/settings.mjs";

/** Of a failure's message, so much is shown. */
const MESSAGE_LINES = 25;

/**
 * Runs one project of `vitest.config.ts`.
 * @param {string} project
 * @param {number} timeoutMs
 * @param {AbortSignal} signal
 */
export async function runVitest(project, timeoutMs, signal) {
  const directory = mkdtempSync(path.join(tmpdir(), "slipway-vitest-"));
  const report = path.join(directory, "report.json");
  const args = [
    "run",
    "--project",
    project,
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
  ];
  try {
    const failure = await runCommand(path.join(ROOT, "node_modules/.bin/vitest"), args, {
      cwd: ROOT,
      timeoutMs,
      signal,
      env: { ...process.env, NO_COLOR: "1" },
      tailLines: MESSAGE_LINES,
    }).then(
      () => null,
      (error) => error,
    );
    return read(report, failure);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/**
 * @param {string} report of vitest's JSON reporter
 * @param {unknown} failure of the program, or null
 */
function read(report, failure) {
  /** @type {{ testResults: { name: string, status: string, message: string, assertionResults: { fullName: string, status: string, failureMessages: string[] }[] }[] }} */
  let parsed;
  try {
    parsed = JSON.parse(readFileSync(report, "utf8"));
  } catch {
    const problem =
      failure instanceof CommandFailure ? failure.message : String(failure ?? "vitest wrote no report");
    return { passed: 0, failed: 1, problems: [problem] };
  }
  const tests = parsed.testResults.flatMap((file) => file.assertionResults);
  const failed = tests.filter(({ status }) => status === "failed");
  const broken = parsed.testResults.filter(
    (file) => file.status === "failed" && !file.assertionResults.some(({ status }) => status === "failed"),
  );
  // Of a hook that fails the JSON says nothing; the screen does.
  const screen = failure instanceof CommandFailure ? failure.tail.join("\n") : "";
  const problems = [
    ...failed.map(({ fullName, failureMessages }) => `${fullName}\n${excerpt(failureMessages.join("\n"))}`),
    ...broken.map(({ name, message }) => `${path.relative(ROOT, name)}\n${excerpt(message || screen)}`),
  ];
  // A run whose tests pass may still fail as a whole: by an error outside of any test.
  if (failure && problems.length === 0)
    problems.push(failure instanceof Error ? failure.message : String(failure));
  const passed = tests.filter(({ status }) => status === "passed").length;
  return { passed, failed: problems.length, skipped: tests.length - passed - failed.length, problems };
}

/** @param {string} message */
function excerpt(message) {
  const lines = message.split("\n");
  return [...lines.slice(0, MESSAGE_LINES), ...(lines.length > MESSAGE_LINES ? ["…"] : [])].join("\n");
}
