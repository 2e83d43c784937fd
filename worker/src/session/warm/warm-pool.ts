import { setTimeout as sleep } from "node:timers/promises";
import type { Digest, LaunchRequest } from "@slipway/protocol";
import type { EvictableCache, EvictableEntry } from "../../image-store/image-store.ts";
import type { SessionParts } from "../parts.ts";
import { Demand, type Target, targetKey, targetOf } from "./demand.ts";
import {
  isSound,
  type PreparedStart,
  prepareStart,
  removeStart,
  WARM_START_BYTES,
} from "./prepared-start.ts";

/** What all prepared starts together may take of the worker's memory, bytes. */
export const WARM_MEMORY_BYTES = 512 * 1024 ** 2;
/** A prepared start that nobody took for so long goes. */
const WARM_AGE_MS = 10 * 60_000;
const AGE_LOOK_MS = 60_000;
/** After a launch its shell has the machine for itself for a moment. */
const AFTER_CLAIM_MS = 60;
const QUIET_LOOK_MS = 20;
/** Where the worker is never quiet, starts are prepared all the same, one in so much time. */
const QUIET_PATIENCE_MS = 5_000;
/** After a start that could not be prepared. */
const AFTER_FAILURE_MS = 10_000;

export interface WarmPoolOptions {
  readonly parts: SessionParts;
  /** Most starts that are kept prepared; 0 for none. */
  readonly size: number;
  /** True while something is launched or built, which must not be slowed down. */
  readonly isBusy: () => boolean;
}

/**
 * Starts made ahead of time, for launches like those of before and of images that were just built. Each is claimed once, and
 * another one is made when the worker has time for it. None is worth more than a session, or than room in the image store:
 * `giveWay` and the store's evictions take them away.
 */
export class WarmPool {
  readonly #parts: SessionParts;
  readonly #size: number;
  readonly #isBusy: () => boolean;
  readonly #demand = new Demand();
  readonly #ready = new Set<PreparedStart>();
  /** Removals under way. */
  readonly #going = new Set<Promise<void>>();
  readonly #ageTimer: NodeJS.Timeout | undefined;
  #filling: Promise<void> | null = null;
  #claimedAtMs = Number.NEGATIVE_INFINITY;
  #restUntilMs = Number.NEGATIVE_INFINITY;
  #isClosed = false;

  constructor({ parts, size, isBusy }: WarmPoolOptions) {
    this.#parts = parts;
    this.#size = Math.min(size, Math.floor(WARM_MEMORY_BYTES / WARM_START_BYTES));
    this.#isBusy = isBusy;
    if (this.#size === 0) return;
    parts.images.offer(this.#asCache());
    this.#ageTimer = setInterval(() => this.#fill(), AGE_LOOK_MS).unref();
  }

  /** Starts that are ready. */
  get count(): number {
    return this.#ready.size;
  }

  /**
   * What is prepared for this launch, or for any; from now on it is the caller's, with its slot. Null when there is nothing
   * that fits. Another one is prepared later on.
   */
  claim(request: LaunchRequest): PreparedStart | null {
    if (this.#size === 0 || this.#isClosed) return null;
    const target = targetOf(request);
    this.#demand.launched(request, Date.now());
    this.#claimedAtMs = performance.now();
    const claimed = this.#take(target) ?? this.#take({ ...target, main: null });
    this.#fill();
    return claimed;
  }

  /** Learns from a launch of an earlier worker process. */
  learn(request: LaunchRequest): void {
    this.#demand.launched(request, Date.now());
    this.#fill();
  }

  /** Somebody may launch this image soon. */
  expect(image: Digest): void {
    this.#demand.built(image, Date.now());
    this.#fill();
  }

  /** Somebody else takes care of a start that was claimed and is of no use. */
  discard(start: Pick<PreparedStart, "place" | "slot">): void {
    void this.#remove(start);
  }

  /** Gives all addresses, disks and memory back, for a session that needs them. False when there was nothing to give. */
  async giveWay(): Promise<boolean> {
    this.#restUntilMs = performance.now() + AFTER_FAILURE_MS;
    const isFilling = this.#filling !== null;
    await this.#filling;
    const starts = [...this.#ready];
    await Promise.all(starts.map((start) => this.#drop(start)));
    return isFilling || starts.length > 0;
  }

  /** Removes all of them and prepares no more. Resolves when nothing is left. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#ageTimer);
    await this.#filling;
    for (const start of [...this.#ready]) void this.#drop(start);
    await Promise.all(this.#going);
  }

  #take(target: Target): PreparedStart | null {
    const key = targetKey(target);
    for (const start of this.#ready) {
      if (targetKey(start.target) !== key) continue;
      if (!isSound(start)) {
        void this.#drop(start);
        continue;
      }
      this.#ready.delete(start);
      return start;
    }
    return null;
  }

  #fill(): void {
    if (this.#isClosed || this.#filling !== null || this.#size === 0) return;
    this.#filling = this.#prepareAll().finally(() => {
      this.#filling = null;
    });
  }

  /** One at a time, until what is ready is what is wanted. Never rejects. */
  async #prepareAll(): Promise<void> {
    for (;;) {
      await this.#quiet();
      if (this.#isClosed || performance.now() < this.#restUntilMs) return;
      const { surplus, missing } = this.#difference();
      if (surplus !== null) {
        await this.#drop(surplus);
        continue;
      }
      if (missing === null) return;
      await this.#prepare(missing);
    }
  }

  async #prepare(target: Target): Promise<void> {
    try {
      const start = await prepareStart(this.#parts, target);
      this.#ready.add(start);
      void start.main?.terminal.ended.then(() => {
        if (this.#ready.has(start)) void this.#drop(start);
      });
    } catch (error) {
      this.#parts.log.info({ err: error }, "a start could not be prepared");
      if (target.main) this.#demand.forget(target.main.image);
      this.#restUntilMs = performance.now() + AFTER_FAILURE_MS;
    }
  }

  #difference(): { surplus: PreparedStart | null; missing: Target | null } {
    const now = Date.now();
    const left = [...this.#ready];
    let missing: Target | null = null;
    for (const target of this.#demand.targets(this.#size, now)) {
      const key = targetKey(target);
      const found = left.findIndex(
        (start) => targetKey(start.target) === key && now - start.madeAtMs < WARM_AGE_MS,
      );
      if (found >= 0) left.splice(found, 1);
      else missing ??= target;
    }
    return { surplus: left[0] ?? null, missing };
  }

  async #quiet(): Promise<void> {
    const patienceEnds = performance.now() + QUIET_PATIENCE_MS;
    for (;;) {
      const now = performance.now();
      const isQuiet = now - this.#claimedAtMs >= AFTER_CLAIM_MS && !this.#isBusy();
      if (this.#isClosed || isQuiet || now >= patienceEnds) return;
      await sleep(QUIET_LOOK_MS);
    }
  }

  async #drop(start: PreparedStart): Promise<void> {
    this.#ready.delete(start);
    await this.#remove(start);
  }

  #remove(start: Pick<PreparedStart, "place" | "slot">): Promise<void> {
    const going = removeStart(this.#parts, start).finally(() => this.#going.delete(going));
    this.#going.add(going);
    return going;
  }

  /** Images that stay only for what is prepared on them may go when there is need of room. */
  #asCache(): EvictableCache {
    const ready = this.#ready;
    return {
      async *entries() {
        for (const { place, target, main, madeAtMs } of [...ready]) {
          if (target.main === null || main === null) continue;
          const { image } = target.main;
          const entry: EvictableEntry = {
            key: place.name,
            snapshot: main.snapshot,
            blob: image,
            lastUsedMs: madeAtMs,
          };
          yield entry;
        }
      },
      evict: async (key) => {
        for (const start of [...ready]) if (start.place.name === key) await this.#drop(start);
      },
    };
  }
}
