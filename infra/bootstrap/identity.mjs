import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * A process, told apart from a later one that got the same number: the kernel's boot, and the clock tick of that boot at
 * which the process began (proc_pid_stat(5), field 22).
 * @typedef {{ pid: number, startTime: string, bootId: string }} Identity
 */

/** How often a wait looks whether a process is gone. */
const POLL_MS = 20;
/** How long a process that was sent SIGKILL may take to vanish. */
const KILL_TIMEOUT_MS = 5_000;

/**
 * @param {number} pid
 * @returns {Identity | null} null when there is no such process, or only its exit status is left
 */
export function identify(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The second field is the program's name in parentheses, which may itself hold spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [state, startTime] = [fields[0], fields[19]];
    if (state === "Z" || state === "X" || startTime === undefined) return null;
    return { pid, startTime, bootId: readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim() };
  } catch {
    return null;
  }
}

/**
 * @param {Identity} identity
 * @returns {boolean}
 */
export function isAlive(identity) {
  const now = identify(identity.pid);
  return now !== null && now.startTime === identity.startTime && now.bootId === identity.bootId;
}

/**
 * What JSON of our own making says, or null when it says no identity: a file of ours may be half written after a crash
 * of the machine.
 * @param {string} file
 * @returns {Identity | null}
 */
export function readIdentity(file) {
  try {
    const { pid, startTime, bootId } = JSON.parse(readFileSync(file, "utf8"));
    const valid =
      Number.isInteger(pid) && pid > 1 && typeof startTime === "string" && typeof bootId === "string";
    return valid ? { pid, startTime, bootId } : null;
  } catch {
    return null;
  }
}

/**
 * Asks exactly this process to end, and kills it when it does not within the time.
 * @param {Identity} identity
 * @param {NodeJS.Signals} signal
 * @param {number} timeoutMs
 * @returns {Promise<"ended" | "killed" | "gone">} `gone`: there was nothing to end
 */
export async function end(identity, signal, timeoutMs) {
  if (!isAlive(identity)) return "gone";
  process.kill(identity.pid, signal);
  if (await waitForEnd(identity, timeoutMs)) return "ended";
  process.kill(identity.pid, "SIGKILL");
  await waitForEnd(identity, KILL_TIMEOUT_MS);
  return "killed";
}

/**
 * @param {Identity} identity
 * @param {number} timeoutMs
 */
async function waitForEnd(identity, timeoutMs) {
  for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; await sleep(POLL_MS)) {
    if (!isAlive(identity)) return true;
  }
  return !isAlive(identity);
}
