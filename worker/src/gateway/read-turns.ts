import type { Socket } from "node:net";

/** Reads per turn of the event loop, each of at most 64 KiB. */
const READS_PER_TURN = 2;
/** Reads that take no longer than this are followed by the next at once. */
const CHEAP_MS = 1;
/** Time that others have after an expensive read, as a multiple of what it took: thousands of tiny chunks, for one. */
const REST = 2;

/**
 * Lets containers' sockets be read in turns, session after session. Left alone, one that is always full is read up to 32 times
 * before anybody else has a turn (libuv, uv__read), and there may be hundreds; terminals live on the same event loop.
 */
export class ReadTurns {
  /** What waits for its turn, by session; the session in front is next. */
  readonly #waiting = new Map<string, (() => void)[]>();
  #scheduled = false;
  /** What the reads of this turn have taken, milliseconds. */
  #spent = 0;

  /** From now on the socket waits for its turn after each read. Whoever reads it may pause it as ever. */
  add(session: string, socket: Socket): void {
    let begun = 0;
    socket.prependListener("data", () => {
      begun = performance.now();
      // Once all who listen have seen the data, and paused the socket or not; still before the next read.
      process.nextTick(() => {
        this.#spent += performance.now() - begun;
        if (socket.destroyed || socket.isPaused()) return;
        socket.pause();
        this.wait(session, () => socket.resume());
      });
    });
  }

  /** Runs `read` when it is the session's turn. */
  wait(session: string, read: () => void): void {
    const waiting = this.#waiting.get(session) ?? [];
    waiting.push(read);
    this.#waiting.set(session, waiting);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled || this.#waiting.size === 0) return;
    this.#scheduled = true;
    const spent = this.#spent;
    this.#spent = 0;
    if (spent > CHEAP_MS) setTimeout(() => this.#turn(), spent * REST);
    else setImmediate(() => this.#turn());
  }

  #turn(): void {
    this.#scheduled = false;
    const begun = performance.now();
    for (const [session, waiting] of [...this.#waiting].slice(0, READS_PER_TURN)) {
      this.#waiting.delete(session);
      waiting.shift()?.();
      if (waiting.length > 0) this.#waiting.set(session, waiting);
    }
    this.#spent += performance.now() - begun;
    this.#schedule();
  }
}
