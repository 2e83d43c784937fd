/** Pause before the first retry: whoever broke the connection may be there again at once. */
const FIRST_RETRY_MS = 50;
/** Longest pause while a server may be restarting: nobody waits two seconds for one that is back. */
const LONGEST_RETRY_MS = 1_200;
/** After so many tries, some two minutes, nobody is restarting. */
const PATIENT_TRIES = 120;
const LONGEST_PATIENT_RETRY_MS = 8_000;
/** Pages that lost the same server come back spread over so much of the pause. */
const JITTER = 0.3;

/** Errors that a new ticket and another try cannot mend. */
const FINAL_CODES: ReadonlySet<string> = new Set([
  "terminal-missing",
  "session-missing",
  "forbidden",
  "protocol-version",
  "not-signed-in",
]);

export const isFinalRefusal = (code: string): boolean => FINAL_CODES.has(code);

/** Pause before try `attempt` + 1, in ms; `random` is from 0 to 1. */
export function retryDelayMs(attempt: number, random: () => number = Math.random): number {
  const longest = attempt < PATIENT_TRIES ? LONGEST_RETRY_MS : LONGEST_PATIENT_RETRY_MS;
  const pause = Math.min(longest, FIRST_RETRY_MS * 2 ** Math.min(attempt, 12));
  return Math.round(pause * (1 - JITTER * random()));
}
