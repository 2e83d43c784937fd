import { SlipwayError } from "@slipway/protocol";
import { type CollectorOptions, collectOnce } from "./collector.ts";
import type { Collected, EvictableCache } from "./image-store.ts";

/** Time between the end of a lease and the collection that it leads to; ends that come meanwhile share it. */
const DELAY_MS = 1000;

/** When collections happen: one at a time, once at the start and then after each piece of work. */
export class Collecting {
  readonly #parts: CollectorOptions;
  readonly #caches: EvictableCache[] = [];
  readonly #tell: (result: Collected | Error) => void;
  #last: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | null = null;
  #hasStarted = false;
  /** True while the last collection could not get below the limit. */
  #isFull = false;

  constructor(
    parts: Omit<CollectorOptions, "caches">,
    tell: (result: Collected | Error) => void = () => undefined,
  ) {
    this.#parts = { ...parts, caches: this.#caches };
    this.#tell = tell;
  }

  offer(cache: EvictableCache): void {
    this.#caches.push(cache);
  }

  /** A collection that begins after this call. */
  collect(): Promise<Collected> {
    this.#hasStarted = true;
    const next = this.#last.then(() => this.#collect());
    this.#last = next.catch(() => undefined);
    return next;
  }

  async checkRoom(): Promise<void> {
    if (this.#isFull) await this.collect();
  }

  /** Some work is done: soon, what it left is collected. */
  workEnded(): void {
    if (!this.#hasStarted || this.#timer !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.collect().then(this.#tell, (error: unknown) =>
        this.#tell(error instanceof Error ? error : new Error(String(error))),
      );
    }, DELAY_MS).unref();
  }

  async #collect(): Promise<Collected> {
    try {
      const collected = await collectOnce(this.#parts);
      this.#isFull = false;
      return collected;
    } catch (error) {
      this.#isFull = error instanceof SlipwayError && error.code === "store-full";
      throw error;
    }
  }
}
