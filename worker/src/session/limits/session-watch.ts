import type { LimitEvent } from "@slipway/protocol";
import type { LimitBook, Reached } from "./limit-book.ts";
import type { LimitWatch, WatchedSession } from "./limits.ts";

/** Between two words about limits that are reached again and again. */
export const REPEAT_MS = 10_000;

/** Looks after one limit of one session. A look says how far it was reached since the one before. Never rejects. */
export interface Gauge {
  look(now: number): Promise<readonly Reached[]>;
}

/** All gauges of one session, its events, and who is told of them. */
export class SessionWatch implements LimitWatch {
  readonly session: WatchedSession;
  readonly #gauges: readonly Gauge[];
  readonly #book: LimitBook;
  readonly #changed: (events: readonly LimitEvent[]) => void;
  readonly #stopped: (watch: SessionWatch) => void;
  #isStopped = false;
  #untold = false;
  #toldAt = 0;
  #looking: Promise<void> = Promise.resolve();

  constructor(options: {
    readonly session: WatchedSession;
    readonly book: LimitBook;
    readonly gauges: readonly Gauge[];
    readonly changed: (events: readonly LimitEvent[]) => void;
    readonly stopped: (watch: SessionWatch) => void;
  }) {
    this.session = options.session;
    this.#book = options.book;
    this.#gauges = options.gauges;
    this.#changed = options.changed;
    this.#stopped = options.stopped;
  }

  async look(): Promise<readonly LimitEvent[]> {
    await this.lookAt(Date.now());
    return this.#book.events;
  }

  /** One look at a time, so that none counts what another does. */
  lookAt(now: number): Promise<void> {
    this.#looking = this.#looking.then(() => this.#look(now));
    return this.#looking;
  }

  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#stopped(this);
  }

  async #look(now: number): Promise<void> {
    let isNew = false;
    for (const gauge of this.#gauges) {
      for (const reached of await gauge.look(now)) {
        isNew = this.#book.note(reached, now) || isNew;
        this.#untold = true;
      }
    }
    if (!this.#untold || this.#isStopped || !(isNew || now - this.#toldAt >= REPEAT_MS)) return;
    this.#untold = false;
    this.#toldAt = now;
    this.#changed(this.#book.events);
  }
}
