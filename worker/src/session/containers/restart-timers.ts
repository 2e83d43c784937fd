import type { SessionContainer } from "./session-container.ts";

/** Before the first restart, doubled for each further one that follows soon. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 60_000;
/** A container that ran for so long begins with the first pause again. */
const SETTLED_MS = 10_000;

/** Starts containers again as their policies say. */
export class RestartTimers {
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #pauses = new Map<string, number>();

  /** For a container that has just ended by itself. */
  consider(container: SessionContainer): void {
    const { state, id, record } = container;
    if (state.status !== "exited" || state.error !== "") return;
    const { name, maximumRetries } = record.order.restart;
    const failed = state.exitCode !== 0;
    const tries = maximumRetries === 0 || record.restarts < maximumRetries;
    const wanted =
      name === "always" || name === "unless-stopped" || (name === "on-failure" && failed && tries);
    if (!wanted) return;
    const hasSettled = state.finishedAt - state.startedAt >= SETTLED_MS;
    const pauseMs = hasSettled ? FIRST_PAUSE_MS : (this.#pauses.get(id) ?? FIRST_PAUSE_MS);
    this.#pauses.set(id, Math.min(pauseMs * 2, LONGEST_PAUSE_MS));
    container.awaitRestart();
    this.#timers.set(
      id,
      setTimeout(() => {
        this.#timers.delete(id);
        // One that can't be started says so in its state.
        if (container.state.status === "restarting") container.start().catch(() => {});
      }, pauseMs),
    );
  }

  cancel(id: string): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    this.#pauses.delete(id);
  }

  cancelAll(): void {
    for (const id of [...this.#timers.keys()]) this.cancel(id);
  }
}
