/** Longest time between two looks at the database, where a wake-up came from another process and was not heard here. */
const REFRESH_MS = 5_000;

/**
 * Wake-ups between what changes a row and what shows it. They carry no data: who is woken reads the database, so a
 * wake-up too many or too few changes nothing but the delay.
 */
export class Signals {
  readonly #watches = new Map<string, Set<() => void>>();

  /** Wakes all who watch `key`. */
  notify(key: string): void {
    for (const wake of this.#watches.get(key) ?? []) wake();
  }

  /**
   * Yields at once and then after each wake-up; what comes while the consumer is busy is one more turn, never lost. Ends
   * when `signal` aborts.
   */
  async *watch(key: string, signal: AbortSignal): AsyncGenerator<void, void> {
    let pending = true;
    let wake: () => void = () => undefined;
    const notice = () => {
      pending = true;
      wake();
    };
    const watchers = this.#watches.get(key) ?? new Set();
    this.#watches.set(key, watchers.add(notice));
    signal.addEventListener("abort", notice);
    try {
      while (!signal.aborted) {
        if (pending) {
          pending = false;
          yield;
          continue;
        }
        await new Promise<void>((resolve) => {
          const timer = setTimeout(notice, REFRESH_MS);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
    } finally {
      signal.removeEventListener("abort", notice);
      watchers.delete(notice);
      if (watchers.size === 0) this.#watches.delete(key);
    }
  }
}
