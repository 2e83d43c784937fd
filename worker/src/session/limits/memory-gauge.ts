import { setTimeout as sleep } from "node:timers/promises";
import type { LimitedProcess } from "@slipway/protocol";
import type { Gauge, Look } from "./gauge.ts";
import type { KernelLog } from "./kernel-log.ts";
import type { Reached } from "./limit-book.ts";
import type { WatchedSession } from "./limits.ts";
import type { OomKill } from "./oom-lines.ts";
import { shownName } from "./session-processes.ts";

/** The kernel counts a kill a moment before it has written down whom (mm/oom_kill.c). */
const LOG_ATTEMPTS = 5;
const LOG_DELAY_MS = 5;

/**
 * Kills for memory. Memory at its limit is no event of its own: files that were read stay in memory as long as there is
 * room, so a session that does nothing special is at its limit, and the kernel makes room.
 */
export class MemoryGauge implements Gauge {
  readonly #session: WatchedSession;
  readonly #log: KernelLog;
  readonly #containerPid: (hostPid: number) => number | null;
  #seen: number;

  /** `told`: kills that events of before a restart tell of. `containerPid`: of a process that may be gone; null: not known. */
  constructor(
    session: WatchedSession,
    log: KernelLog,
    { told, containerPid }: { told: number; containerPid: (hostPid: number) => number | null },
  ) {
    this.#session = session;
    this.#log = log;
    this.#containerPid = containerPid;
    this.#seen = told;
  }

  async look({ counters: { oomKills, peakMemoryBytes } }: Look): Promise<readonly Reached[]> {
    const times = oomKills - this.#seen;
    // Fewer: a container of the session is gone, with its count.
    this.#seen = oomKills;
    if (times <= 0) return [];
    const kills = (await this.#kills()).slice(-times);
    const { memoryBytes } = this.#session.limits;
    const reached = (kill: OomKill | null, count: number): Reached => ({
      limit: "memory",
      metric: { name: "memory.usage", value: peakMemoryBytes || memoryBytes, unit: "bytes" },
      allowed: memoryBytes,
      process: kill && this.#process(kill),
      times: count,
    });
    const named = kills.map((kill) => reached(kill, 1));
    // Kills that the log doesn't tell of are more of the last one that it does.
    const unnamed = times - named.length;
    return unnamed === 0 ? named : [...named, reached(kills.at(-1) ?? null, unnamed)];
  }

  async #kills(): Promise<OomKill[]> {
    for (let attempt = 1; ; attempt += 1) {
      const kills = this.#log.take((kill) => kill.memoryBytes !== null && this.#isOurs(kill));
      if (kills.length > 0 || attempt === LOG_ATTEMPTS) return kills;
      await sleep(LOG_DELAY_MS);
    }
  }

  #isOurs({ cgroup, uid }: OomKill): boolean {
    const { cgroup: own, ids } = this.#session;
    if (cgroup !== null) return cgroup === own || cgroup.startsWith(`${own}/`);
    return uid >= ids.firstHostId && uid < ids.firstHostId + ids.size;
  }

  #process({ name, pid, memoryBytes }: OomKill): LimitedProcess {
    return { name: shownName(name), pid: this.#containerPid(pid), memoryBytes, killed: true };
  }
}
