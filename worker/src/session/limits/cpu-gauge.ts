import { CPU_PERIOD_US } from "../../cgroup/cgroup.ts";
import type { Gauge, Look } from "./gauge.ts";
import type { Reached } from "./limit-book.ts";
import type { WatchedSession } from "./limits.ts";

/** Over so long a session has to have waited for processor time, and in so much of its periods, before it is told. */
export const CPU_WINDOW_MS = 5_000;
const TOLD_PERCENT = 50;
const PERIOD_MS = CPU_PERIOD_US / 1000;

/** Processes that wait because the session has used up its share of the processor: in most periods of a while. */
export class CpuGauge implements Gauge {
  readonly #session: WatchedSession;
  #since: { readonly now: number; readonly throttledPeriods: number } | null = null;

  constructor(session: WatchedSession) {
    this.#session = session;
  }

  look({ now, counters: { throttledPeriods } }: Look): readonly Reached[] {
    const since = this.#since;
    // Longer: nothing happened meanwhile, so that nobody looked.
    if (since === null || now - since.now > 2 * CPU_WINDOW_MS || throttledPeriods < since.throttledPeriods) {
      this.#since = { now, throttledPeriods };
      return [];
    }
    if (now - since.now < CPU_WINDOW_MS) return [];
    this.#since = { now, throttledPeriods };
    const waited = ((throttledPeriods - since.throttledPeriods) * PERIOD_MS) / (now - since.now);
    const percent = Math.min(100, Math.round(waited * 100));
    if (percent < TOLD_PERCENT) return [];
    const metric = { name: "cpu.throttled", value: percent, unit: "percent" };
    return [{ limit: "cpu", metric, allowed: this.#session.limits.cpus, process: null, times: 1 }];
  }
}
