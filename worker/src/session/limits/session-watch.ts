import type { LimitEvent } from "@slipway/protocol";
import type { Cgroups, CpuClock } from "../../cgroup/cgroup.ts";
import { CpuGauge } from "./cpu-gauge.ts";
import { DiskGauge } from "./disk-gauge.ts";
import type { Gauge } from "./gauge.ts";
import type { KernelLog } from "./kernel-log.ts";
import { LimitBook, type Reached } from "./limit-book.ts";
import type { LimitWatch, WatchedSession } from "./limits.ts";
import { MemoryGauge } from "./memory-gauge.ts";
import { NetworkGauge } from "./network-gauge.ts";
import { OpenFilesGauge } from "./open-files-gauge.ts";
import { PidsGauge } from "./pids-gauge.ts";
import { SessionProcesses } from "./session-processes.ts";
import { TimeGauge } from "./time-gauge.ts";

/** Between two words about limits that are reached again and again. */
export const REPEAT_MS = 10_000;
/** A session that has used less processor time since the last look can't have reached a limit: it is not looked at. */
const IDLE_MICROSECONDS = 1_000;
/** Even so it is looked at after this time. */
const IDLE_LOOK_MS = 30_000;

export interface WatchParts {
  readonly cgroups: Cgroups;
  readonly kernelLog: KernelLog;
  /** A gauge that failed; the others go on. */
  readonly failed: (session: WatchedSession, error: unknown) => void;
}

/** All gauges of one session, its events, and who is told of them. */
export class SessionWatch implements LimitWatch {
  readonly session: WatchedSession;
  readonly #parts: WatchParts;
  readonly #changed: (events: readonly LimitEvent[]) => void;
  readonly #stopped: (watch: SessionWatch) => unknown;
  readonly #book: LimitBook;
  readonly #gauges: readonly Gauge[];
  readonly #time: TimeGauge;
  readonly #clock: CpuClock;
  #cpuMicroseconds = 0;
  #lookedAt = 0;
  #isUntold = false;
  #toldAt = 0;
  #isStopped = false;
  #looking: Promise<void> = Promise.resolve();

  constructor(
    parts: WatchParts,
    session: WatchedSession,
    changed: (events: readonly LimitEvent[]) => void,
    stopped: (watch: SessionWatch) => unknown,
  ) {
    this.session = session;
    this.#parts = parts;
    this.#changed = changed;
    this.#stopped = stopped;
    this.#book = new LimitBook(session.earlier);
    this.#clock = parts.cgroups.cpuClock(session.cgroup);
    this.#time = new TimeGauge(session, Date.now());
    const processes = new SessionProcesses((most) => parts.cgroups.somePids(session.cgroup, most));
    const told = (limit: LimitEvent["limit"]) => this.#book.count(limit) > 0;
    this.#gauges = [
      new MemoryGauge(session, parts.kernelLog, {
        told: this.#book.count("memory"),
        containerPid: (hostPid) => processes.containerPid(hostPid),
      }),
      new CpuGauge(session),
      new PidsGauge(session, told("pids")),
      new DiskGauge(session, (["disk", "inodes"] as const).filter(told)),
      new OpenFilesGauge(session, processes),
      new NetworkGauge(session),
    ];
  }

  async look(): Promise<readonly LimitEvent[]> {
    await this.#queue(() => this.#lookNow(Date.now()));
    return this.#book.events;
  }

  /** A look of the schedule: next to nothing where nothing can have happened. Never rejects. */
  async glance(now: number): Promise<void> {
    const isIdle =
      now - this.#lookedAt < IDLE_LOOK_MS && this.#clock.read() - this.#cpuMicroseconds < IDLE_MICROSECONDS;
    const warnings = this.#time.look(now);
    if (isIdle && warnings.length === 0 && !this.#isUntold) return;
    await this.#queue(async () => {
      this.#tell(warnings, now);
      if (!isIdle) await this.#lookNow(now);
    });
  }

  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#clock.close();
    this.#stopped(this);
  }

  /** One look at a time, so that none counts what another does. */
  async #queue(work: () => Promise<void>): Promise<void> {
    this.#looking = this.#looking
      .then(work)
      .catch((error: unknown) => this.#parts.failed(this.session, error));
    await this.#looking;
  }

  async #lookNow(now: number): Promise<void> {
    const { cgroups, failed } = this.#parts;
    // Before the rest: what happens from here on is seen by the next look at the latest.
    this.#cpuMicroseconds = this.#clock.read();
    this.#lookedAt = now;
    const counters = cgroups.counters(this.session.cgroup);
    for (const gauge of this.#gauges) {
      try {
        this.#tell(await gauge.look({ now, counters }), now);
      } catch (error) {
        failed(this.session, error);
      }
    }
  }

  #tell(found: readonly Reached[], now: number): void {
    let isNew = false;
    for (const reached of found) isNew = this.#book.note(reached, now) || isNew;
    this.#isUntold ||= found.length > 0;
    if (!this.#isUntold || this.#isStopped || !(isNew || now - this.#toldAt >= REPEAT_MS)) return;
    this.#isUntold = false;
    this.#toldAt = now;
    this.#changed(this.#book.events);
  }
}
