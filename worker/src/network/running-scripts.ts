import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { runProgram } from "../process/program.ts";

/** Longest wait for scripts of a process that is gone, and time between two looks. */
const WAIT_MS = 10_000;
const LOOK_MS = 20;

/** Runs a shell script that bears `mark`, so that a later process sees whether it still runs. */
export async function runScript(mark: string, script: string): Promise<void> {
  await runProgram(["sh", "-s", mark], { input: script });
}

/**
 * Resolves when no script with `mark` runs any more: a process that was killed may have left one, and what it is about to
 * make could not be found yet. Resolves after WAIT_MS in any case.
 */
export async function earlierScriptsEnded(mark: string): Promise<void> {
  for (const deadline = performance.now() + WAIT_MS; performance.now() < deadline; await sleep(LOOK_MS)) {
    if (!(await isRunning(mark))) return;
  }
}

async function isRunning(mark: string): Promise<boolean> {
  const wanted = ["sh", "-s", mark, ""].join("\0");
  const processes = (await readdir("/proc")).filter((name) => /^[0-9]+$/.test(name));
  const lines = await Promise.all(
    processes.map((pid) => readFile(`/proc/${pid}/cmdline`, "latin1").catch(() => "")),
  );
  return lines.includes(wanted);
}
