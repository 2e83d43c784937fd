import type { Reached } from "./limit-book.ts";
import type { WatchedSession } from "./limits.ts";

const MINUTE_MS = 60_000;
/** So long before the end of its time a session is told. */
export const WARNINGS_MS = [5 * MINUTE_MS, MINUTE_MS] as const;

/**
 * The time of a session comes to its end. Only what passes while it is watched is told: a session that is launched with less
 * time than that was meant to be so. One that is extended is told again.
 */
export class TimeGauge {
  readonly #session: WatchedSession;
  #leftMs: number;

  constructor(session: WatchedSession, now: number) {
    this.#session = session;
    this.#leftMs = session.expiresAt() - now;
  }

  look(now: number): readonly Reached[] {
    const before = this.#leftMs;
    this.#leftMs = this.#session.expiresAt() - now;
    if (!WARNINGS_MS.some((warning) => before > warning && this.#leftMs <= warning)) return [];
    const value = Math.max(0, Math.round(this.#leftMs / 1000));
    const metric = { name: "time.left", value, unit: "seconds" };
    return [{ limit: "time", metric, allowed: 0, process: null, times: 1 }];
  }
}
