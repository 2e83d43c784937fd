/** Pause before the first new try, and the longest one; each is twice the last, and up to a quarter shorter by chance. */
const FIRST_PAUSE_MS = 80;
const LONGEST_PAUSE_MS = 2_000;
/** Answers in a row that are no event stream, before it is given up. A server that starts gives some. */
const MOST_REFUSALS = 40;

/** How long to wait after so many tries in vain; `chance`: 0 to 1. */
export const pauseMs = (tries: number, chance: number): number =>
  Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(tries, 10)) * (1 - chance / 4);

type Listener = (event: never) => void;

/**
 * An event stream that comes back by itself: at once, where browsers wait for three seconds, and also after an answer that is
 * no event stream (503 of a server that starts), which browsers take for final. In the form that tRPC's link wants; a
 * procedure that is asked again tells the present state first.
 */
export class SteadyEventSource {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSED = 2;
  readonly CONNECTING = 0;
  readonly OPEN = 1;
  readonly CLOSED = 2;
  readonly #url: string;
  readonly #init: EventSourceInit | undefined;
  readonly #listeners: [string, Listener][] = [];
  #source: EventSource;
  #state: 0 | 1 | 2 = 0;
  #tries = 0;
  #refusals = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(url: string, init?: EventSourceInit) {
    this.#url = url;
    this.#init = init;
    this.#source = this.#open();
    globalThis.addEventListener?.("online", this.#online);
  }

  get readyState(): number {
    return this.#state;
  }

  addEventListener(type: string, listener: Listener): void {
    this.#listeners.push([type, listener]);
    if (type !== "error") this.#source.addEventListener(type, listener as EventListener);
  }

  removeEventListener(type: string, listener: Listener): void {
    const index = this.#listeners.findIndex(([ofType, one]) => ofType === type && one === listener);
    if (index !== -1) this.#listeners.splice(index, 1);
    this.#source.removeEventListener(type, listener as EventListener);
  }

  close(): void {
    this.#state = this.CLOSED;
    clearTimeout(this.#timer);
    globalThis.removeEventListener?.("online", this.#online);
    this.#source.close();
  }

  #open(): EventSource {
    const source = new EventSource(this.#url, this.#init);
    source.addEventListener("open", () => {
      this.#state = this.OPEN;
      this.#tries = 0;
      this.#refusals = 0;
    });
    source.addEventListener("error", (event) => this.#broken(source, event));
    for (const [type, listener] of this.#listeners) {
      if (type !== "error") source.addEventListener(type, listener as EventListener);
    }
    return source;
  }

  #broken(source: EventSource, event: Event): void {
    if (source !== this.#source || this.#state === this.CLOSED) return;
    if (source.readyState === this.CLOSED) this.#refusals += 1;
    source.close();
    if (this.#refusals > MOST_REFUSALS) this.close();
    else {
      this.#state = this.CONNECTING;
      this.#timer = setTimeout(() => this.#again(), pauseMs(this.#tries, Math.random()));
      this.#tries += 1;
    }
    for (const [type, listener] of this.#listeners) if (type === "error") listener(event as never);
  }

  #again(): void {
    clearTimeout(this.#timer);
    this.#source = this.#open();
  }

  readonly #online = (): void => {
    if (this.#state === this.CONNECTING) {
      this.#source.close();
      this.#again();
    }
  };
}
