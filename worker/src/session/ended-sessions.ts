import type { SessionId } from "@slipway/protocol";

/** How long an ended session's terminals can still be read. */
export const ENDED_KEEP_MS = 15 * 60_000;
/** Ended sessions that are kept; more than a busy room looks back at. The oldest go first. */
export const ENDED_KEEP_SESSIONS = 256;

/** Sessions that have ended and of which the control plane knows it: they are forgotten when their time is up. */
export class EndedSessions {
  readonly #forget: (id: SessionId) => Promise<void>;
  readonly #most: number;
  /** The oldest first. */
  readonly #timers = new Map<SessionId, NodeJS.Timeout>();

  constructor(forget: (id: SessionId) => Promise<void>, most = ENDED_KEEP_SESSIONS) {
    this.#forget = forget;
    this.#most = most;
  }

  add(id: SessionId): void {
    if (this.#timers.has(id)) return;
    this.#timers.set(id, setTimeout(() => this.#over(id), ENDED_KEEP_MS).unref());
    for (const oldest of this.#timers.keys()) {
      if (this.#timers.size <= this.#most) return;
      this.#over(oldest);
    }
  }

  release(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  #over(id: SessionId): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    void this.#forget(id);
  }
}
