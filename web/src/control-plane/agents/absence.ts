import type { Logger } from "pino";

/** Waits for workers that are away, and gives them up when their grace time is over. */
export class Absence {
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #graceMs: number;
  readonly #giveUp: (workerId: string) => Promise<void>;
  readonly #log: Logger;

  constructor(graceMs: number, giveUp: (workerId: string) => Promise<void>, log: Logger) {
    this.#graceMs = graceMs;
    this.#giveUp = giveUp;
    this.#log = log;
  }

  /** The worker left; also called at start for every worker that has work. */
  left(workerId: string): void {
    this.#timers.get(workerId)?.refresh();
    if (this.#timers.has(workerId)) return;
    const timer = setTimeout(() => {
      this.#timers.delete(workerId);
      this.#log.warn({ worker: workerId }, "a worker stayed away longer than its grace time");
      this.#giveUp(workerId).catch((error: unknown) => {
        this.#log.error({ err: error, worker: workerId }, "a lost worker's work could not be closed");
        this.left(workerId);
      });
    }, this.#graceMs);
    this.#timers.set(workerId, timer.unref());
  }

  returned(workerId: string): void {
    clearTimeout(this.#timers.get(workerId));
    this.#timers.delete(workerId);
  }

  isAwaited(workerId: string): boolean {
    return this.#timers.has(workerId);
  }

  stop(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }
}
