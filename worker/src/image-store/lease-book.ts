import type { Lease, LeaseScope } from "./image-store.ts";

/** The open leases of this process. */
export class LeaseBook {
  readonly #open = new Set<{ readonly sinceMs: number; readonly held: Set<string> }>();

  /** `onHold` is told of each thing that is named to the lease, `onRelease` of its end. */
  open(scope: LeaseScope, onHold: (name: string) => void, onRelease: () => void): Lease {
    const sinceMs = scope === "used" ? performance.now() : Number.POSITIVE_INFINITY;
    const entry = { sinceMs, held: new Set<string>() };
    this.#open.add(entry);
    return {
      hold: (name) => {
        entry.held.add(name);
        onHold(name);
      },
      release: () => {
        if (this.#open.delete(entry)) onRelease();
      },
    };
  }

  /** Everything that is named to an open lease. */
  held(): Set<string> {
    return new Set([...this.#open].flatMap(({ held }) => [...held]));
  }

  isHeld(name: string): boolean {
    return [...this.#open].some(({ held }) => held.has(name));
  }

  /** What was used since then is held; of performance.now(). */
  usedSinceMs(): number {
    return Math.min(...[...this.#open].map(({ sinceMs }) => sinceMs), Number.POSITIVE_INFINITY);
  }
}
