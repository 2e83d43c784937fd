/** Longest delay that a timer can hold (Node.js, timers). */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Calls `expired` at a moment that can be moved, never before it. */
export class Expiry {
  readonly #expired: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(expired: () => void) {
    this.#expired = expired;
  }

  /** Milliseconds since the epoch. */
  set(at: number): void {
    clearTimeout(this.#timer);
    const delay = Math.min(Math.max(at - Date.now(), 0), LONGEST_TIMER_MS);
    this.#timer = setTimeout(() => {
      // A timer may be a moment early, and holds 24 days at most.
      if (Date.now() < at) this.set(at);
      else this.#expired();
    }, delay);
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}
