import type { CgroupCounters } from "../../cgroup/cgroup.ts";
import type { Reached } from "./limit-book.ts";

/** One look at a session. */
export interface Look {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly counters: CgroupCounters;
}

/** Looks after one limit of one session. */
export interface Gauge {
  /** How far the limit was reached since the look before. */
  look(look: Look): readonly Reached[] | Promise<readonly Reached[]>;
}
