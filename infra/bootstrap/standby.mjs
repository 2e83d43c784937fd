/** What a standby waits for on its standard input. */
const TURN = "turn\n";
/** Tells a process that it is one. `awaitTurn` in web and worker knows it. */
export const STANDBY_ENVIRONMENT = { SLIPWAY_AWAIT_TURN: "1" };

/**
 * A second process of a program, which loads ahead of its time and then waits: reading a bundle and what it needs takes the better
 * part of a second, in which nobody's terminal answers. At most one waits.
 */
export class Standby {
  #start;
  #afterMs;
  /** @type {import("node:child_process").ChildProcess | null} */
  #process = null;
  /** @type {NodeJS.Timeout | undefined} */
  #timer;

  /**
   * @param {() => import("node:child_process").ChildProcess} start with a pipe as its standard input
   * @param {number} afterMs from `prepare` to the start, so that what comes back after an end has the processor for itself
   */
  constructor(start, afterMs) {
    this.#start = start;
    this.#afterMs = afterMs;
  }

  get pid() {
    return this.#process?.pid ?? 0;
  }

  /** One gets ready, after a while. */
  prepare() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const waiting = this.#start();
      this.#process = waiting;
      const gone = () => {
        if (this.#process === waiting) this.#process = null;
      };
      waiting.once("error", gone);
      waiting.once("exit", gone);
      // Whoever writes to one that has just ended learns of it by the end.
      waiting.stdin?.on("error", gone);
    }, this.#afterMs);
  }

  /** The one that waits gets its turn; null when there is none. */
  take() {
    clearTimeout(this.#timer);
    const waiting = this.#process;
    this.#process = null;
    waiting?.stdin?.end(TURN);
    return waiting;
  }

  /** It has nothing to put in order, so it is killed. */
  discard() {
    clearTimeout(this.#timer);
    this.#process?.kill("SIGKILL");
    this.#process = null;
  }
}
