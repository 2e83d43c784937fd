import type { DiskUsage } from "../../disk/disk.ts";
import type { Gauge } from "./gauge.ts";
import type { Reached } from "./limit-book.ts";
import type { WatchedSession } from "./limits.ts";

/** A disk is full when it has less than this part left: what a program wants to write at once seldom fits any more. */
const FULL_PART = 1 / 100;
/** For bytes also when it has less than this left: programs write so much at once, and more than is free is refused. */
const FULL_BYTES = 1024 * 1024;
/** It has to have twice as much again before it can be full anew. */
const ROOM_FACTOR = 2;

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
    if (!this.#gotFull("disk", limitBytes - usedBytes, Math.max(limitBytes * FULL_PART, FULL_BYTES)))
      return null;
    const metric = { name: "disk.used", value: usedBytes, unit: "bytes" };
    return { limit: "disk", metric, allowed: limitBytes, process: null, times: 1 };
  }

  #inodes({ usedInodes, limitInodes }: DiskUsage): Reached | null {
    if (!this.#gotFull("inodes", limitInodes - usedInodes, limitInodes * FULL_PART)) return null;
    const metric = { name: "inodes.used", value: usedInodes, unit: "files" };
    return { limit: "inodes", metric, allowed: limitInodes, process: null, times: 1 };
  }

  #gotFull(which: Full, free: number, least: number): boolean {
    if (free > least * ROOM_FACTOR) this.#full.delete(which);
    if (free > least || this.#full.has(which)) return false;
    this.#full.add(which);
    return true;
  }
}
