import { setImmediate as nextTurn } from "node:timers/promises";
import type { LimitEvent } from "@slipway/protocol";
import type { Logger } from "pino";
import type { Cgroups } from "../../cgroup/cgroup.ts";
import type { KernelLog } from "./kernel-log.ts";
import { LimitBook } from "./limit-book.ts";
import type { LimitWatch, LimitWatcher, WatchedSession } from "./limits.ts";
import { MemoryGauge } from "./memory-gauge.ts";
import { type Gauge, SessionWatch } from "./session-watch.ts";

/** Time between two rounds over all sessions. */
const ROUND_MS = 1_000;
/** Sessions that are looked at before others have their turn in this process. */
const SESSIONS_PER_TURN = 16;

export interface LimitWatcherParts {
  readonly cgroups: Cgroups;
  readonly kernelLog: KernelLog;
  readonly log: Logger;
}

/** One round a second over all sessions. */
export class ScheduledLimitWatcher implements LimitWatcher {
  readonly #parts: LimitWatcherParts;
  readonly #watches = new Set<SessionWatch>();
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: LimitWatcherParts) {
    this.#parts = parts;
  }

  watch(session: WatchedSession, changed: (events: readonly LimitEvent[]) => void): LimitWatch {
    const book = new LimitBook(session.earlier);
    const watch = new SessionWatch({
      session,
      book,
      gauges: this.#gauges(session, book),
      changed,
      stopped: (stopped) => this.#stopped(stopped),
    });
    this.#watches.add(watch);
    this.#timer ??= setTimeout(() => this.#round(), ROUND_MS);
    return watch;
  }

  #gauges(session: WatchedSession, book: LimitBook): Gauge[] {
    const { cgroups, kernelLog } = this.#parts;
    const memory = new MemoryGauge({
      session,
      counters: () => cgroups.counters(session.cgroup),
      log: kernelLog,
      containerPid: () => null,
      told: book.count("memory"),
    });
    return [memory];
  }

  async #round(): Promise<void> {
    let count = 0;
    for (const watch of [...this.#watches]) {
      if (count % SESSIONS_PER_TURN === 0) await nextTurn();
      count += 1;
      await watch.lookAt(Date.now()).catch((error: unknown) => {
        this.#parts.log.warn({ err: error, sessionId: watch.session.id }, "limits could not be looked at");
      });
    }
    this.#timer = this.#watches.size === 0 ? undefined : setTimeout(() => this.#round(), ROUND_MS);
  }

  #stopped(watch: SessionWatch): void {
    this.#watches.delete(watch);
    if (this.#watches.size > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
