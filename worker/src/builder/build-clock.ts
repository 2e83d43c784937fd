/**
 * The time that a build may take. It stands still while nothing of the build happens but waiting for a place among the
 * steps of other builds: who builds in a full room is not to blame for that.
 */
export class BuildClock {
  readonly #controller = new AbortController();
  #leftMs: number;
  #timer: NodeJS.Timeout | null = null;
  /** Of performance.now(). */
  #since = 0;
  #waiting = 0;
  #working = 0;
  #isStopped = false;

  constructor(timeoutMs: number) {
    this.#leftMs = timeoutMs;
    this.#go();
  }

  /** Aborted when the time is over. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** A step waits for a place until `started` resolves, and is carried out until `ended` does; both may reject. */
  follow(started: Promise<unknown>, ended: Promise<unknown>): void {
    this.#change(1, 0);
    const begun = started.then(
      () => true,
      () => false,
    );
    void begun.then((isBegun) => this.#change(-1, isBegun ? 1 : 0));
    const over = ended.then(
      () => begun,
      () => begun,
    );
    void over.then((isBegun) => isBegun && this.#change(0, -1));
  }

  stop(): void {
    this.#isStopped = true;
    this.#halt();
  }

  #change(waiting: number, working: number): void {
    this.#waiting += waiting;
    this.#working += working;
    if (this.#waiting > 0 && this.#working === 0) this.#halt();
    else this.#go();
  }

  #halt(): void {
    if (this.#timer === null) return;
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#leftMs -= performance.now() - this.#since;
  }

  #go(): void {
    if (this.#timer !== null || this.#isStopped) return;
    this.#since = performance.now();
    this.#timer = setTimeout(() => this.#controller.abort(), Math.max(0, this.#leftMs));
  }
}
