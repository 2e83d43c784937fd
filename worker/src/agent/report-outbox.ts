import type { SessionId, SessionReport } from "@slipway/protocol";

const DRAIN_LOOK_MS = 20;

/**
 * The newest report of each session until the control plane has acknowledged it. Older reports are replaced, not queued:
 * only the present state matters.
 */
export class ReportOutbox {
  readonly #waiting = new Map<SessionId, SessionReport>();
  readonly #send: (report: SessionReport) => Promise<void>;
  readonly #acknowledged: (report: SessionReport) => void;
  #sending = false;

  /** `send` as for BuildOutbox; `acknowledged` is told of each report that has arrived. */
  constructor(send: (report: SessionReport) => Promise<void>, acknowledged: (report: SessionReport) => void) {
    this.#send = send;
    this.#acknowledged = acknowledged;
  }

  push(report: SessionReport): void {
    // Deleted first, so that a flush under way comes past it again.
    this.#waiting.delete(report.sessionId);
    this.#waiting.set(report.sessionId, report);
    void this.flush();
  }

  /** Resolves when nothing waits any more, or after `timeoutMs`. */
  async drained(timeoutMs: number): Promise<void> {
    for (const deadline = Date.now() + timeoutMs; this.#waiting.size > 0 && Date.now() < deadline; ) {
      await new Promise((resolve) => setTimeout(resolve, DRAIN_LOOK_MS));
    }
  }

  async flush(): Promise<void> {
    if (this.#sending) return;
    this.#sending = true;
    try {
      for (const report of this.#waiting.values()) {
        await this.#send(report);
        if (this.#waiting.get(report.sessionId) === report) this.#waiting.delete(report.sessionId);
        this.#acknowledged(report);
      }
    } catch {
      // Kept; the next connect flushes again.
    } finally {
      this.#sending = false;
    }
  }
}
