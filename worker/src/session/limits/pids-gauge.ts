import type { Gauge, Look } from "./gauge.ts";
import type { Reached } from "./limit-book.ts";
import type { WatchedSession } from "./limits.ts";

/** Processes and threads that were refused. However many in one look, they count as one time. */
export class PidsGauge implements Gauge {
  readonly #session: WatchedSession;
  /** Null: what was counted before is told already. */
  #seen: number | null;

  constructor(session: WatchedSession, isTold: boolean) {
    this.#session = session;
    this.#seen = isTold ? null : 0;
  }

  look({ counters: { refusedForks } }: Look): readonly Reached[] {
    const isMore = refusedForks > (this.#seen ?? refusedForks);
    this.#seen = refusedForks;
    if (!isMore) return [];
    const { pids } = this.#session.limits;
    const metric = { name: "pids.peak", value: pids, unit: "processes" };
    return [{ limit: "pids", metric, allowed: pids, process: null, times: 1 }];
  }
}
