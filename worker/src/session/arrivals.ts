/** Callers that may wait at the same time; more are answered at once. */
const MOST_WAITING = 4096;

/** Waits for things that are known by a name and may be there in a moment. */
export class Arrivals<Key, Value> {
  readonly #waiting = new Map<Key, Set<(value: Value | null) => void>>();
  #count = 0;

  /** What arrives under `key`; null after `timeoutMs`, when it is known not to come, or when too many wait. */
  async wait(key: Key, timeoutMs: number): Promise<Value | null> {
    if (this.#count >= MOST_WAITING) return null;
    this.#count += 1;
    const waiting = this.#waiting.get(key) ?? new Set();
    this.#waiting.set(key, waiting);
    let timer: NodeJS.Timeout | undefined;
    let settle: (value: Value | null) => void = () => {};
    try {
      return await new Promise<Value | null>((resolve) => {
        settle = resolve;
        waiting.add(resolve);
        timer = setTimeout(() => resolve(null), timeoutMs);
        timer.unref();
      });
    } finally {
      clearTimeout(timer);
      this.#count -= 1;
      waiting.delete(settle);
      if (waiting.size === 0 && this.#waiting.get(key) === waiting) this.#waiting.delete(key);
    }
  }

  /** Tells all who wait for `key`; null when it will not come. */
  arrive(key: Key, value: Value | null): void {
    for (const settle of this.#waiting.get(key) ?? []) settle(value);
  }
}
