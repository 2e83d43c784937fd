import type { PullOptions } from "./image-transfer.ts";
import { LayerProgress } from "./pull-progress.ts";

interface Run<Result> {
  readonly result: Promise<Result>;
  readonly progress: LayerProgress;
  readonly controller: AbortController;
  waiting: number;
}

/** Runs that several people wait for. A run ends early when nobody waits any more. */
export class PullRuns<Result> {
  readonly #runs = new Map<string, Run<Result>>();

  /** Joins the run of this key, or starts one. */
  async join(
    key: string,
    options: Pick<PullOptions, "onProgress" | "signal">,
    start: (progress: LayerProgress, signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    const { signal, onProgress } = options;
    signal.throwIfAborted();
    const run = this.#runs.get(key) ?? this.#start(key, start);
    run.waiting += 1;
    const deaf = run.progress.listen(onProgress);
    let leave = () => {};
    const left = new Promise<never>((_, reject) => {
      leave = () => reject(signal.reason);
      signal.addEventListener("abort", leave, { once: true });
    });
    try {
      return await Promise.race([run.result, left]);
    } finally {
      signal.removeEventListener("abort", leave);
      deaf();
      run.waiting -= 1;
      if (run.waiting === 0) {
        // A run that nobody wants is over for those who come now, too.
        if (this.#runs.get(key) === run) this.#runs.delete(key);
        run.controller.abort(new Error("Nobody waits for it any more."));
      }
    }
  }

  #start(key: string, start: (progress: LayerProgress, signal: AbortSignal) => Promise<Result>): Run<Result> {
    const controller = new AbortController();
    const progress = new LayerProgress();
    const result = start(progress, controller.signal).finally(() => {
      progress.flush();
      if (this.#runs.get(key) === run) this.#runs.delete(key);
    });
    result.catch(() => undefined);
    const run: Run<Result> = { result, progress, controller, waiting: 0 };
    this.#runs.set(key, run);
    return run;
  }
}
