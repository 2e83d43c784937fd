import { setImmediate as nextTurn } from "node:timers/promises";
import type { LimitEvent } from "@slipway/protocol";
import type { LimitWatch, LimitWatcher, WatchedSession } from "./limits.ts";
import { SessionWatch, type WatchParts } from "./session-watch.ts";

/** Time between two rounds over all sessions. */
const ROUND_MS = 1_000;
/** Sessions that are looked at before others have their turn in this process. */
const SESSIONS_PER_TURN = 16;

/** One round a second over all sessions, one session after another. */
export class ScheduledLimitWatcher implements LimitWatcher {
  readonly #parts: WatchParts;
  readonly #watches = new Set<SessionWatch>();
  #isRunning = false;

  constructor(parts: WatchParts) {
    this.#parts = parts;
  }

  watch(session: WatchedSession, changed: (events: readonly LimitEvent[]) => void): LimitWatch {
    const watch = new SessionWatch(this.#parts, session, changed, (stopped) => this.#watches.delete(stopped));
    this.#watches.add(watch);
    if (!this.#isRunning) this.#later();
    return watch;
  }

  /** Nothing has to wait for it. */
  #later(): void {
    this.#isRunning = true;
    setTimeout(() => this.#round(), ROUND_MS).unref();
  }

  async #round(): Promise<void> {
    let count = 0;
    for (const watch of [...this.#watches]) {
      count += 1;
      if (count % SESSIONS_PER_TURN === 0) await nextTurn();
      await watch.glance(Date.now());
    }
    this.#isRunning = false;
    if (this.#watches.size > 0) this.#later();
  }
}
