import type { Digest } from "@slipway/protocol";
import { type RunOrder, type RunParts, StepRun } from "./step-run.ts";
import type { Tip } from "./tip.ts";

/**
 * One flight: of the same step on the same files, one run at a time serves all builds. What makes two runs differ beside
 * the step's own key is the lane: limits, and whether a build wants no cache.
 */
export class Flights {
  readonly #parts: RunParts;
  readonly #running = new Map<string, StepRun>();

  constructor(parts: RunParts) {
    this.#parts = parts;
  }

  /** The run of a step that is under way. */
  find(lane: string, key: Digest, parent: Tip): StepRun | null {
    const run = this.#running.get(`${lane} ${key}`);
    return run && !run.isAbandoned && run.parent.is(parent) ? run : null;
  }

  /** Begins a run; others find it from now on. The caller joins it in the same turn. */
  start(lane: string, order: RunOrder): StepRun {
    const name = `${lane} ${order.key}`;
    const run = new StepRun(this.#parts, order);
    this.#running.set(name, run);
    void run.ended.then(() => {
      if (this.#running.get(name) === run) this.#running.delete(name);
    });
    return run;
  }
}
