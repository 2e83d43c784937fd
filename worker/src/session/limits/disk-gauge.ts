import type { DiskUsage } from "../../disk/disk.ts";
import type { Gauge } from "./gauge.ts";
import type { Reached } from "./limit-book.ts";
import type { WatchedSession } from "./limits.ts";

/** A disk is full when it has less than this part left: what a program wants to write at once seldom fits any more. */
const FULL_PART = 1 / 100;
/** It has to have twice as much again before it can be full anew. */
const ROOM_PART = 2 / 100;

type Full = "disk" | "inodes";

/** A disk that gets full, of bytes or of files. One that stays full is not told again. */
export class DiskGauge implements Gauge {
  readonly #session: WatchedSession;
  readonly #full: Set<Full>;

  /** `told`: what events of before a restart tell of, and has not been seen to have room since. */
  constructor(session: WatchedSession, told: readonly Full[]) {
    this.#session = session;
    this.#full = new Set(told);
  }

  async look(): Promise<readonly Reached[]> {
    const usage = await this.#session.disk.usage();
    return [this.#bytes(usage), this.#inodes(usage)].filter((reached) => reached !== null);
  }

  #bytes({ usedBytes, limitBytes }: DiskUsage): Reached | null {
    if (!this.#gotFull("disk", usedBytes, limitBytes)) return null;
    const metric = { name: "disk.used", value: usedBytes, unit: "bytes" };
    return { limit: "disk", metric, allowed: limitBytes, process: null, times: 1 };
  }

  #inodes({ usedInodes, limitInodes }: DiskUsage): Reached | null {
    if (!this.#gotFull("inodes", usedInodes, limitInodes)) return null;
    const metric = { name: "inodes.used", value: usedInodes, unit: "files" };
    return { limit: "inodes", metric, allowed: limitInodes, process: null, times: 1 };
  }

  #gotFull(which: Full, used: number, limit: number): boolean {
    const free = limit - used;
    if (free > limit * ROOM_PART) this.#full.delete(which);
    if (free > limit * FULL_PART || this.#full.has(which)) return false;
    this.#full.add(which);
    return true;
  }
}
