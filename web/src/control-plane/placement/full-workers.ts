/**
 * Pause before a worker that had no room after all is asked again. It knows of what is over for people and not yet for it: one that
 * was stopped takes its place until nothing of it is left.
 */
const FULL_PAUSE_MS = 250;

/** Workers that said so a moment ago, against what the database counts. */
export class FullWorkers {
  /** Until when they are left alone, by their id; milliseconds since the epoch. */
  readonly #until = new Map<string, number>();
  readonly #wake: () => void;

  /** `wake` has the queues looked at again. */
  constructor(wake: () => void) {
    this.#wake = wake;
  }

  add(workerId: string): void {
    this.#until.set(workerId, Date.now() + FULL_PAUSE_MS);
    setTimeout(this.#wake, FULL_PAUSE_MS).unref();
  }

  has(workerId: string): boolean {
    return (this.#until.get(workerId) ?? 0) > Date.now();
  }
}
