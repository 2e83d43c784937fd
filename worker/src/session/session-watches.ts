import type { LimitEvent } from "@slipway/protocol";
import type { SessionContainers } from "./containers/session-containers.ts";
import type { SessionHouse } from "./house.ts";
import type { Launched } from "./launch.ts";
import type { LimitWatch } from "./limits/limits.ts";
import { ListeningLooks } from "./listening-looks.ts";
import type { SessionBook } from "./session-book.ts";
import type { SessionTerminals } from "./session-terminals.ts";

/** Between two reports for limits alone. */
const LIMIT_REPORTS_MS = 1_000;

/** Of whom news make a look worth while. */
export interface Watched {
  readonly terminals: Pick<SessionTerminals, "activity">;
  readonly containers: Pick<SessionContainers, "changes" | "publishedPorts">;
}

/** What looks after a session while it runs, and tells its book: listening ports and reached limits. */
export class SessionWatches {
  readonly #book: SessionBook;
  readonly #limits: LimitWatch;
  readonly #stopPorts: () => void;
  #events: readonly LimitEvent[] = [];
  #toldAtMs = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    { parts, ports }: Pick<SessionHouse, "parts" | "ports">,
    book: SessionBook,
    launched: Launched,
    { terminals, containers }: Watched,
  ) {
    this.#book = book;
    const { request, place, slot, report } = book.record;
    const { container, exposedPorts } = launched.main;
    this.#limits = parts.limits.watch(
      {
        id: request.sessionId,
        cgroup: parts.cgroups.path(place.name),
        limits: request.limits,
        ids: parts.ids.range(slot),
        disk: launched.ground.disk,
        network: launched.ground.network,
        expiresAt: () => book.record.request.expiresAt,
        earlier: report.limitEvents,
      },
      (events) => this.#limitsReached(events),
    );
    const looks = new ListeningLooks(() => container.pid());
    this.#stopPorts = ports.watch({
      exposed: exposedPorts,
      activity: () => terminals.activity + containers.changes,
      changed: (found) => book.tell({ ports: found }),
      listening: async (idle) => [...containers.publishedPorts(), ...(await looks.look(idle))],
    });
  }

  /** All limits that were reached up to now. Never rejects. */
  look(): Promise<readonly LimitEvent[]> {
    return this.#limits.look();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#limits.stop();
    this.#stopPorts();
  }

  #limitsReached(events: readonly LimitEvent[]): void {
    this.#events = events;
    if (this.#timer !== undefined) return;
    const wait = Math.max(0, this.#toldAtMs + LIMIT_REPORTS_MS - performance.now());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#toldAtMs = performance.now();
      this.#book.tell({ limitEvents: [...this.#events] });
    }, wait);
  }
}
