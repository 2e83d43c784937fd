import type { SessionPort } from "@slipway/protocol";
import type { ListeningPort } from "../network/listening-ports.ts";
import { merge } from "./ports.ts";

/** Time between two rounds. */
const ROUND_MS = 250;
/** Looks of one round, over all sessions together; who was not looked at comes first in the next. */
const LOOKS_PER_ROUND = 20;
/** Time between two looks at a session that has just begun or is printing. */
const BUSY_INTERVAL_MS = 500;
/** How long a session counts as busy after its last output: a server says that it starts, and then listens. */
const BUSY_FOR_MS = 3_000;
/** Time between two looks at a session of which nothing is heard. */
const IDLE_INTERVAL_MS = 3_000;

export interface WatchedPorts {
  /**
   * What listens now; where nothing is heard of the session (`idle`), what has listened a while ago may do. Rejects in the moment
   * of an end.
   */
  readonly listening: (idle: boolean) => Promise<readonly ListeningPort[]>;
  /** TCP ports that the image promises. */
  readonly exposed: readonly number[];
  /** A number that is another one whenever something happened in the session, such as bytes of output. */
  readonly activity: () => number;
  /** Told at first, and whenever the ports have changed. */
  readonly changed: (ports: SessionPort[]) => void;
}

interface Watch extends WatchedPorts {
  told: string;
  seen: number;
  busyUntilMs: number;
  lookedAtMs: number;
  isLooking: boolean;
}

/**
 * Looks at what listens in all sessions, with one clock and a bound on the looks in a second: soon after a session has begun or
 * has printed something, seldom while it is idle.
 */
export class PortWatch {
  readonly #watches = new Set<Watch>();
  #timer: NodeJS.Timeout | undefined;

  /** Begins to look; returns how to stop. */
  watch(ports: WatchedPorts): () => void {
    const watch: Watch = {
      ...ports,
      told: "",
      seen: ports.activity(),
      busyUntilMs: performance.now() + BUSY_FOR_MS,
      lookedAtMs: Number.NEGATIVE_INFINITY,
      isLooking: false,
    };
    this.#watches.add(watch);
    this.#timer ??= setTimeout(() => this.#round(), ROUND_MS);
    // Promised ports need no look.
    this.#tell(watch, []);
    return () => this.#watches.delete(watch);
  }

  #round(): void {
    const now = performance.now();
    const due = [...this.#watches].filter((watch) => isDue(watch, now));
    due.sort((left, right) => left.lookedAtMs - right.lookedAtMs);
    for (const watch of due.slice(0, LOOKS_PER_ROUND)) {
      watch.lookedAtMs = now;
      void this.#look(watch, now >= watch.busyUntilMs);
    }
    this.#timer = this.#watches.size === 0 ? undefined : setTimeout(() => this.#round(), ROUND_MS);
  }

  async #look(watch: Watch, idle: boolean): Promise<void> {
    watch.isLooking = true;
    try {
      this.#tell(watch, await watch.listening(idle));
    } catch {
      // A look may meet the end of the process it looks at; the next one, if any, sees clearly.
    } finally {
      watch.isLooking = false;
    }
  }

  #tell(watch: Watch, listening: readonly ListeningPort[]): void {
    const ports = merge(watch.exposed, listening);
    const text = JSON.stringify(ports);
    if (text === watch.told || !this.#watches.has(watch)) return;
    // A session without ports has nothing to tell at first: its report says so already.
    const isNews = watch.told !== "" || ports.length > 0;
    watch.told = text;
    if (isNews) watch.changed(ports);
  }
}

function isDue(watch: Watch, now: number): boolean {
  const activity = watch.activity();
  if (activity !== watch.seen) watch.busyUntilMs = now + BUSY_FOR_MS;
  watch.seen = activity;
  const interval = now < watch.busyUntilMs ? BUSY_INTERVAL_MS : IDLE_INTERVAL_MS;
  return !watch.isLooking && now - watch.lookedAtMs >= interval;
}
