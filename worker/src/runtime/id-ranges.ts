import { SlipwayError } from "@slipway/protocol";
import type { IdRange } from "../snapshot/snapshotter.ts";

/** Ids of one range: what a container with its own user namespace expects to exist (user_namespaces(7)). */
export const ID_RANGE_SIZE = 65_536;
/** Host ids are 32 bits wide, and the highest one means "no id". */
const LAST_HOST_ID = 2 ** 32 - 2;

/** Hands out uid ranges that nobody else has at that moment. Slots are small numbers, so that they can be written down. */
export class IdRanges {
  readonly #first: number;
  readonly #used = new Set<number>();

  constructor(firstHostId: number) {
    this.#first = firstHostId;
  }

  /** Takes the lowest free slot. */
  take(): number {
    let slot = 0;
    while (this.#used.has(slot)) slot += 1;
    this.claim(slot);
    return slot;
  }

  /** Takes a slot that was taken before a restart. */
  claim(slot: number): void {
    if (this.range(slot).firstHostId + ID_RANGE_SIZE - 1 > LAST_HOST_ID) {
      throw new SlipwayError("worker-full", "All uid ranges of this worker are in use.");
    }
    this.#used.add(slot);
  }

  release(slot: number): void {
    this.#used.delete(slot);
  }

  range(slot: number): IdRange {
    return { firstHostId: this.#first + slot * ID_RANGE_SIZE, size: ID_RANGE_SIZE };
  }
}
