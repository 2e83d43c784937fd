import { setTimeout as sleep } from "node:timers/promises";

/** Pieces of work one after the other, each to its end, whether the one before failed or not. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  take<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** Resolves when all that was taken so far is through, or after `timeoutMs`. Never rejects. */
  async idle(timeoutMs?: number): Promise<void> {
    if (timeoutMs === undefined) return void (await this.#last);
    const timer = new AbortController();
    const late = sleep(timeoutMs, undefined, { signal: timer.signal }).catch(() => {});
    await Promise.race([this.#last, late]);
    timer.abort();
  }
}
