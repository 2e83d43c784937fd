import { untilAborted } from "../until-aborted.ts";

export type Progress = (line: string) => void;

interface Making<Result> {
  readonly result: Promise<Result>;
  readonly listeners: Set<Progress>;
  readonly abort: AbortController;
}

/**
 * Long work that several people may ask for at the same time: it is done once for all of them, everyone hears of its
 * progress, and it is aborted when the last one has stopped waiting.
 */
export class Makings<Result> {
  readonly #running = new Map<string, Making<Result>>();

  /** Rejects with the signal's reason when that aborts; the work goes on for the others then. */
  async run(
    name: string,
    work: (tell: Progress, signal: AbortSignal) => Promise<Result>,
    onProgress: Progress,
    signal: AbortSignal | undefined,
  ): Promise<Result> {
    const making = await this.#join(name, work, signal);
    making.listeners.add(onProgress);
    try {
      return signal ? await untilAborted(making.result, signal) : await making.result;
    } finally {
      making.listeners.delete(onProgress);
      if (making.listeners.size === 0) making.abort.abort(signal?.reason);
    }
  }

  async #join(
    name: string,
    work: (tell: Progress, signal: AbortSignal) => Promise<Result>,
    signal: AbortSignal | undefined,
  ): Promise<Making<Result>> {
    for (;;) {
      signal?.throwIfAborted();
      const running = this.#running.get(name);
      if (!running) return this.#start(name, work);
      if (!running.abort.signal.aborted) return running;
      // It was given up and cleans up behind itself; then it can be begun anew.
      await running.result.catch(() => undefined);
    }
  }

  #start(name: string, work: (tell: Progress, signal: AbortSignal) => Promise<Result>): Making<Result> {
    const listeners = new Set<Progress>();
    const abort = new AbortController();
    const tell: Progress = (line) => {
      for (const listener of listeners) listener(line);
    };
    const result = work(tell, abort.signal).finally(() => this.#running.delete(name));
    // Whoever waits sees the failure; when nobody does any more, nobody needs to.
    result.catch(() => undefined);
    const making = { result, listeners, abort };
    this.#running.set(name, making);
    return making;
  }
}
