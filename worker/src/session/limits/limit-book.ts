import { type LimitEvent, MAX_LIMIT_EVENTS, sessionLimitNameSchema } from "@slipway/protocol";

/** Reached again within this time, counted from the last, a limit is the same event. */
export const SAME_EVENT_MS = 10 * 60_000;
/** Events of one limit, so that one that is reached in ever new ways leaves the others their room. */
export const EVENTS_PER_LIMIT = Math.floor(MAX_LIMIT_EVENTS / sessionLimitNameSchema.options.length);

/** What one look found. */
export type Reached = Pick<LimitEvent, "limit" | "metric" | "allowed" | "process"> & {
  /** How often since the last look. */
  readonly times: number;
};

/** The limit events of one session: few, with rising ids, the newest kept. */
export class LimitBook {
  #events: readonly LimitEvent[];
  #nextId: number;

  constructor(earlier: readonly LimitEvent[]) {
    this.#events = earlier.slice(-MAX_LIMIT_EVENTS);
    this.#nextId = earlier.reduce((highest, { id }) => Math.max(highest, id), -1) + 1;
  }

  get events(): readonly LimitEvent[] {
    return this.#events;
  }

  /** How often a limit was reached, as far as events tell. */
  count(limit: LimitEvent["limit"]): number {
    return this.#of(limit).reduce((sum, { count }) => sum + count, 0);
  }

  /** Notes it down; true when that made a new event, false when it is one more of a known one. */
  note(reached: Reached, now: number): boolean {
    const { times, ...what } = reached;
    const same = this.#same(reached, now);
    if (same) {
      const again = { ...same, ...what, lastAt: Math.max(now, same.lastAt), count: same.count + times };
      this.#events = this.#events.map((event) => (event.id === same.id ? again : event));
      return false;
    }
    const event = { id: this.#nextId, ...what, firstAt: now, lastAt: now, count: times };
    this.#nextId += 1;
    const [oldest] = this.#of(reached.limit);
    const full = this.#of(reached.limit).length >= EVENTS_PER_LIMIT;
    this.#events = [...this.#events.filter(({ id }) => !(full && id === oldest?.id)), event];
    return true;
  }

  /**
   * The event that this one continues. Processes of different names are different events, but a session that ends processes of
   * ever new names has the newest one count on.
   */
  #same({ limit, process }: Reached, now: number): LimitEvent | undefined {
    const recent = this.#of(limit).filter(({ lastAt }) => now - lastAt < SAME_EVENT_MS);
    const named = recent.findLast((event) => event.process?.name === process?.name);
    return named ?? (recent.length >= EVENTS_PER_LIMIT ? recent.at(-1) : undefined);
  }

  #of(limit: LimitEvent["limit"]): LimitEvent[] {
    return this.#events.filter((event) => event.limit === limit);
  }
}
