import { setImmediate as turn } from "node:timers/promises";

/** How long a loop may hold the event loop: terminals of others live in the same process. */
const SLICE_MS = 4;

/**
 * For loops over thousands of entries: awaited in each round, it lets others in when the slice is used up, and throws the
 * signal's reason when that is aborted.
 */
export function breath(signal?: AbortSignal): () => Promise<void> | undefined {
  let started = performance.now();
  let rounds = 0;
  return () => {
    rounds += 1;
    // The clock costs more than most rounds.
    if (rounds % 16 !== 0 || performance.now() - started < SLICE_MS) return undefined;
    return turn().then(() => {
      signal?.throwIfAborted();
      started = performance.now();
    });
  };
}
