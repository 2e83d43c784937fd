import type { LimitEvent, SessionId, SessionLimits } from "@slipway/protocol";
import type { Disk } from "../../disk/disk.ts";
import type { SessionNetwork } from "../../network/network.ts";
import type { IdRange } from "../../snapshot/snapshotter.ts";

/**
 * Watches running sessions for the limits that they reach, all of them with one schedule. Each limit has its metric, and
 * `allowed` in the metric's unit, but for cpu and time:
 *
 * | limit          | metric             | unit             | allowed                                            |
 * | -------------- | ------------------ | ---------------- | -------------------------------------------------- |
 * | `memory`       | `memory.usage`     | `bytes`          | the kernel killed a process, which is named        |
 * | `cpu`          | `cpu.throttled`    | `percent`        | cores; the metric says how much of the time it waited |
 * | `pids`         | `pids.peak`        | `processes`      | processes and threads; more were refused           |
 * | `disk`         | `disk.used`        | `bytes`          |                                                    |
 * | `inodes`       | `inodes.used`      | `files`          |                                                    |
 * | `open-files`   | `open-files.used`  | `files`          | of the process that is named                       |
 * | `network-rate` | `network.rate`     | `bytes-per-second` |                                                  |
 * | `time`         | `time.left`        | `seconds`        | 0                                                  |
 */
export interface LimitWatcher {
  /**
   * Begins to watch. `changed` is told all events of the session, earlier ones included, when one is new, and at most every
   * ten seconds while known ones only count on. It is never called after `stop`, and never with other than rising ids.
   */
  watch(session: WatchedSession, changed: (events: readonly LimitEvent[]) => void): LimitWatch;
}

export interface LimitWatch {
  /** Looks once more, at once, and says all events: for the end of a session, while its group still exists. Never rejects. */
  look(): Promise<readonly LimitEvent[]>;
  /** Lets go of the session. Idempotent. */
  stop(): void;
}

export interface WatchedSession {
  readonly id: SessionId;
  /** As Cgroups.path gives it: the group that holds all of the session. */
  readonly cgroup: string;
  readonly limits: SessionLimits;
  /** Its users as the host sees them: the kernel's log names a killed process by them where it names no group. */
  readonly ids: IdRange;
  readonly disk: Disk;
  readonly network: SessionNetwork;
  /** When its time is up, milliseconds since the epoch; moves when it is extended. */
  expiresAt(): number;
  /** Events of before a restart of the worker, from the session's record. */
  readonly earlier: readonly LimitEvent[];
}
