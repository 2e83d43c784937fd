import { EventEmitter } from "node:events";

/** What a client that asks for the past is told at most. */
const MOST_EVENTS = 256;

/** A thing that happened to an object of the session, as `/events` tells it. */
export interface HostEvent {
  /** `container`, `image`, `network`, `volume` … */
  readonly type: string;
  /** `create`, `start`, `die` … */
  readonly action: string;
  readonly id: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Nanoseconds since the epoch. */
  readonly timeNano: bigint;
}

/** What has happened in one session: the last events, and whoever listens for more. */
export class HostEvents {
  readonly #past: HostEvent[] = [];
  readonly #emitter = new EventEmitter().setMaxListeners(0);

  tell(event: Omit<HostEvent, "timeNano">): void {
    const told = { ...event, timeNano: BigInt(Date.now()) * 1_000_000n };
    this.#past.push(told);
    if (this.#past.length > MOST_EVENTS) this.#past.shift();
    this.#emitter.emit("event", told);
  }

  /** Events so far, the oldest first. */
  get past(): readonly HostEvent[] {
    return this.#past;
  }

  /** Calls `listener` for each event to come; returns how to stop that. */
  listen(listener: (event: HostEvent) => void): () => void {
    this.#emitter.on("event", listener);
    return () => this.#emitter.off("event", listener);
  }
}
