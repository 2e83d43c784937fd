/**
 * Control groups (cgroups(7)) of sessions and builds: `/slipway/<name>`, with limits that hold for everything below it
 * as a whole. Containers have groups of their own below, which the OCI runtime makes. A `path` is as in
 * /proc/<pid>/cgroup, relative to the root of the hierarchy, such as `/slipway/session-x/container-y`.
 */
export interface Cgroups {
  /** Which of the three layouts the machine has; "hybrid" is v1 with a v2 tree beside it. */
  readonly layout: "v1" | "v2" | "hybrid";
  /**
   * Mount point of the v2 tree of a hybrid layout when that tree has controllers, otherwise null. crun 1.8 refuses to
   * run where it sees one.
   */
  readonly unifiedMount: string | null;
  /** True when swap can be limited as well. */
  readonly limitsSwap: boolean;
  /**
   * True where buffers of sockets are not counted as memory and need a limit of their own (version 1), which has to be set in
   * each group: without it one session fills gigabytes with datagrams that nobody reads.
   */
  readonly limitsSockets: boolean;
  /** Path of the group `name`, for the OCI runtime. */
  path(name: string): string;
  /** Creates the group `name` (a-z, 0-9 and dashes, at most 64), or gives the existing one these limits. */
  create(name: string, limits: CgroupLimits): Promise<void>;
  /** Kills all processes of the group `name` and below and removes the groups. A missing one is no error. */
  remove(name: string): Promise<void>;
  /** Names of all groups, for reconciliation after a restart. */
  list(): Promise<string[]>;
  /** Removes all groups and the one that they are in, for a machine that Slipway leaves. */
  removeAll(): Promise<void>;
  /** As `remove`, for any path below `/slipway`. */
  removePath(path: string): Promise<void>;
  /** Makes the next move of a process into a group quick, for some 15 ms. Never rejects. */
  prepareMove(): Promise<void>;
  /** True if a process is in the group itself, as far as this process sees; false for a missing one. */
  isInhabited(path: string): boolean;
  /** Host pids of all processes in the group and below. */
  pids(path: string): Promise<number[]>;
  /** How many processes of the group and below the kernel has killed for memory since it was created. */
  oomKills(path: string): Promise<number>;
  /** What the group uses as a whole; zeros for a missing one. */
  usage(path: string): Promise<CgroupUsage>;
  /** A clock of the processor time that the group and all below use. It holds one file open until it is closed. */
  cpuClock(path: string): CpuClock;
  /**
   * How often the group and those below met their limits. Synchronous: the kernel has all of it in memory, and a way through
   * the thread pool costs ten times the read. Zeros for a missing group; a group below that goes takes its counts along.
   */
  counters(path: string): CgroupCounters;
  /** Host pids of processes in the group and below, `most` at most. Synchronous. */
  somePids(path: string, most: number): number[];
}

export interface CpuClock {
  /** Microseconds so far; NaN when the group is gone or the machine doesn't count them. Synchronous, a few microseconds. */
  read(): number;
  /** Idempotent. */
  close(): void;
}

export interface CgroupCounters {
  /** Processes killed for memory. */
  readonly oomKills: number;
  /** The most memory that the group has used, bytes; 0 where the kernel doesn't say. */
  readonly peakMemoryBytes: number;
  /** Processes or threads that were refused. */
  readonly refusedForks: number;
  /** Periods of CPU_PERIOD_US in which processes had to wait for the limit of cpu, and how long they waited. */
  readonly throttledPeriods: number;
  readonly throttledMicroseconds: number;
}

/** What buffers of sockets may take beside the memory of a group, where they are not counted in it. */
export const socketBytes = (memoryBytes: number): number => Math.ceil(memoryBytes / 4);

/** Time within which the limit of cpu is measured out. */
export const CPU_PERIOD_US = 100_000;

export interface CgroupLimits {
  /** Memory including page cache and, where that can be limited, swap. */
  readonly memoryBytes: number;
  /** Processor cores, such as 0.5. */
  readonly cpus: number;
  /** Processes and threads. */
  readonly pids: number;
}

export interface CgroupUsage {
  /** Without page cache that can be dropped at once, as Docker counts it. */
  readonly memoryBytes: number;
  /** Processor time used so far. */
  readonly cpuMicroseconds: number;
  readonly pids: number;
}
