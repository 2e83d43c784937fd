/** Pause before the first retry: whoever broke the connection may be there again at once. */
const FIRST_RETRY_MS = 50;
/** Longest pause of the first tries, some four seconds: a process that was killed is back in one or two. */
const LONGEST_QUICK_RETRY_MS = 250;
const QUICK_TRIES = 18;
/** Longest pause while a server may be restarting. */
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
  const pause = Math.min(longestMs(attempt), FIRST_RETRY_MS * 2 ** Math.min(attempt, 12));
  return Math.round(pause * (1 - JITTER * random()));
}

function longestMs(attempt: number): number {
  if (attempt < QUICK_TRIES) return LONGEST_QUICK_RETRY_MS;
  return attempt < PATIENT_TRIES ? LONGEST_RETRY_MS : LONGEST_PATIENT_RETRY_MS;
}
