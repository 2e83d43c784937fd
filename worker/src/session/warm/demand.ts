import type { Digest, LaunchRequest } from "@slipway/protocol";
import { type GroundShape, groundShape } from "../ground.ts";
import { type MainShape, mainShape } from "../main-container.ts";

/** How long a launch or a build lets us expect another launch. */
export const DEMAND_MS = 30 * 60_000;
/** Launches and builds that are remembered. */
const REMEMBERED = 64;

/** What is to be prepared: the ground of any launch, or with `main` nearly all of one. */
export interface Target {
  readonly ground: GroundShape;
  readonly main: MainShape | null;
}

/** Targets that give the same thing have the same key. */
export const targetKey = ({ ground, main }: Target): string =>
  JSON.stringify([
    ground.diskBytes,
    ground.networkBytesPerSecond,
    ground.egress,
    main && [main.image, main.start, main.openFiles],
  ]);

export const targetOf = (request: LaunchRequest): Target => ({
  ground: groundShape(request),
  main: mainShape(request),
});

/** Says from launches and builds of before what is worth preparing. */
export class Demand {
  /** By key, the newest last. */
  readonly #expected = new Map<string, { readonly target: Target; readonly atMs: number }>();
  #last: Target | null = null;

  /** A launch: another one like it may follow. */
  launched(request: LaunchRequest, nowMs: number): void {
    const target = targetOf(request);
    this.#last = target;
    this.#expect(target, nowMs);
  }

  /** An image that was just built: it will be launched as others were. Until the first launch nobody knows how that is. */
  built(image: Digest, nowMs: number): void {
    const last = this.#last;
    if (last?.main) this.#expect({ ground: last.ground, main: { ...last.main, image } }, nowMs);
  }

  /** An image that can't be prepared or is gone. */
  forget(image: Digest): void {
    for (const [key, { target }] of this.#expected)
      if (target.main?.image === image) this.#expected.delete(key);
  }

  /**
   * At most `count` targets, the most wanted first. One is a bare ground, for a launch that nobody expected; the others are
   * dealt out among what was wanted lately, the newest having the most.
   */
  targets(count: number, nowMs: number): Target[] {
    const wanted = [...this.#expected.values()]
      .filter(({ atMs }) => nowMs - atMs < DEMAND_MS)
      .map(({ target }) => target)
      .reverse();
    if (count <= 0 || this.#last === null || wanted.length === 0) return [];
    const mains = Array.from({ length: Math.max(1, count - 1) }, (_, index) => wanted[index % wanted.length]);
    const targets = mains.filter((target) => target !== undefined);
    return count === 1 ? targets : [...targets, { ground: this.#last.ground, main: null }];
  }

  #expect(target: Target, atMs: number): void {
    const key = targetKey(target);
    this.#expected.delete(key);
    this.#expected.set(key, { target, atMs });
    for (const oldest of this.#expected.keys()) {
      if (this.#expected.size <= REMEMBERED) break;
      this.#expected.delete(oldest);
    }
  }
}
