import {
  BUILD_EVENT_BATCH,
  type BuildEvent,
  type BuildEvents,
  type BuildId,
  isFinal,
  type NumberedBuildEvent,
} from "@slipway/protocol";

/**
 * Events of this worker's builds until the control plane has acknowledged them. Numbers them, sends them in order and in
 * batches, one batch under way per build, and starts again from what the control plane wants after a reconnect.
 * Bounded by the builder's own bound on a build's log.
 */
export class BuildOutbox {
  readonly #builds = new Map<BuildId, Entry>();
  readonly #send: (batch: BuildEvents) => Promise<void>;

  /** `send` resolves when the batch is acknowledged and rejects when it has to be sent again later. */
  constructor(send: (batch: BuildEvents) => Promise<void>) {
    this.#send = send;
  }

  open(buildId: BuildId): void {
    if (!this.#builds.has(buildId)) this.#builds.set(buildId, { first: 0, pending: [], sending: false });
  }

  push(buildId: BuildId, event: BuildEvent): void {
    const entry = this.#builds.get(buildId);
    if (!entry) return;
    entry.pending.push({ sequence: entry.first + entry.pending.length, event });
    void this.#flush(buildId, entry);
  }

  /** What `hello` says of each build: the number of events so far. */
  list(): { buildId: BuildId; events: number }[] {
    return [...this.#builds].map(([buildId, entry]) => ({
      buildId,
      events: entry.first + entry.pending.length,
    }));
  }

  /** After a reconnect: forgets builds that no longer matter, and sends the others' events from what is wanted. */
  resume(wanted: readonly { buildId: BuildId; nextSequence: number }[]): void {
    const next = new Map(wanted.map((build) => [build.buildId, build.nextSequence]));
    for (const [buildId, entry] of this.#builds) {
      const sequence = next.get(buildId);
      if (sequence === undefined) this.#builds.delete(buildId);
      else {
        this.#acknowledge(buildId, entry, sequence);
        void this.#flush(buildId, entry);
      }
    }
  }

  async #flush(buildId: BuildId, entry: Entry): Promise<void> {
    if (entry.sending) return;
    entry.sending = true;
    try {
      // One turn of the event loop, so that lines of a chatty step travel together.
      await new Promise((resolve) => setImmediate(resolve));
      while (entry.pending.length > 0 && this.#builds.get(buildId) === entry) {
        const events = entry.pending.slice(0, BUILD_EVENT_BATCH);
        await this.#send({ buildId, events });
        this.#acknowledge(buildId, entry, (events.at(-1)?.sequence ?? -1) + 1);
      }
    } catch {
      // Not acknowledged: the next connect calls `resume`, which sends from what the control plane has.
    } finally {
      entry.sending = false;
    }
  }

  #acknowledge(buildId: BuildId, entry: Entry, next: number): void {
    const count = Math.min(Math.max(next - entry.first, 0), entry.pending.length);
    const acknowledged = entry.pending.splice(0, count);
    entry.first += count;
    const last = acknowledged.at(-1);
    if (last && isFinal(last.event)) this.#builds.delete(buildId);
  }
}

interface Entry {
  /** Sequence number of `pending[0]`. */
  first: number;
  pending: NumberedBuildEvent[];
  sending: boolean;
}
