import { setTimeout as sleep } from "node:timers/promises";
import { Refusal } from "./refusal.mjs";

const POLL_MS = 40;
const REQUEST_TIMEOUT_MS = 2_000;

/**
 * Asks a process whether it is ready until it says so.
 * @param {string} url its /readyz
 * @param {{ name: string, timeoutMs: number, logFile: string, signal: AbortSignal }} options
 * @throws {Refusal} not in time; or the signal's reason
 */
export async function waitForReady(url, { name, timeoutMs, logFile, signal }) {
  let answer = "it does not answer";
  for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; await sleep(POLL_MS)) {
    signal.throwIfAborted();
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
      if (response.ok) return;
      answer = `it answers ${response.status} ${(await response.text()).slice(0, 200)}`;
    } catch {
      answer = "it does not answer";
    }
  }
  throw new Refusal(`${name} was not ready within ${timeoutMs / 1000} s (${answer}); its log is ${logFile}.`);
}

/**
 * @template T
 * @param {Promise<T>} promise
 * @param {number} timeoutMs
 * @param {string} late the sentence when it takes longer
 * @param {AbortSignal} signal
 * @returns {Promise<T>}
 * @throws {Refusal} not in time; or the signal's reason
 */
export async function withTimeout(promise, timeoutMs, late, signal) {
  /** @type {() => void} */
  let release = () => {};
  const broken = new Promise((_, reject) => {
    const timer = setTimeout(() => reject(new Refusal(late)), timeoutMs);
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    release = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
    };
  });
  try {
    return await Promise.race([promise, /** @type {Promise<never>} */ (broken)]);
  } finally {
    release();
  }
}
