import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import {
  type CgroupCounters,
  type CgroupLimits,
  type Cgroups,
  type CgroupUsage,
  CPU_PERIOD_US,
  type CpuClock,
} from "./cgroup.ts";
import { openClock } from "./clock.ts";
import type { LayoutV2 } from "./layout.ts";
import { Moves } from "./moves.ts";
import { checkName, checkPath } from "./names.ts";
import {
  groupsBelowNow,
  hasProcesses,
  killPids,
  pidsBelow,
  readGroupFileNow,
  readKey,
  readNumber,
  readNumberNow,
  removeGroups,
  somePidsBelow,
  subgroups,
  valueOf,
  writeIfPresent,
} from "./tree.ts";

const CONTROLLERS = "+memory +cpu +pids";
/** Where processes go that stand in the way of enabling controllers ("no internal processes", cgroups(7)). */
const LEAF = "slipway-worker";

/** Control groups version 2 (the kernel's admin-guide/cgroup-v2.rst). */
export class CgroupsV2 implements Cgroups {
  readonly layout = "v2";
  readonly unifiedMount = null;
  readonly limitsSockets = false;
  readonly #mount: string;
  readonly #base: string;
  readonly #moves: Moves;

  constructor(layout: LayoutV2, base: string) {
    this.#mount = layout.mount;
    this.#base = base;
    this.#moves = new Moves(layout.mount, "");
  }

  /** The root group has no such file, so that it is looked for in any other. */
  get limitsSwap(): boolean {
    return existsSync(path.join(this.#directory(this.#base), "memory.swap.max"));
  }

  path(name: string): string {
    return path.posix.join(this.#base, name);
  }

  async create(name: string, limits: CgroupLimits): Promise<void> {
    checkName(name);
    await this.#enable(this.#mount);
    const base = this.#directory(this.#base);
    await mkdir(base, { recursive: true });
    await this.#enable(base);
    const group = this.#directory(this.path(name));
    await mkdir(group, { recursive: true });
    await writeFile(path.join(group, "memory.max"), String(limits.memoryBytes));
    await writeIfPresent(group, "memory.swap.max", "0");
    await writeFile(
      path.join(group, "cpu.max"),
      `${Math.round(limits.cpus * CPU_PERIOD_US)} ${CPU_PERIOD_US}`,
    );
    await writeFile(path.join(group, "pids.max"), String(limits.pids));
  }

  async remove(name: string): Promise<void> {
    checkName(name);
    await this.removePath(this.path(name));
  }

  async list(): Promise<string[]> {
    return await subgroups(this.#directory(this.#base));
  }

  async removeAll(): Promise<void> {
    await this.#removeTree(this.#directory(this.#base));
  }

  async removePath(group: string): Promise<void> {
    checkPath(this.#base, group);
    await this.#removeTree(this.#directory(group));
  }

  async #removeTree(directory: string): Promise<void> {
    // cgroup.kill exists since Linux 5.14.
    const killed = await writeIfPresent(directory, "cgroup.kill", "1");
    if (!killed) killPids(await pidsBelow(directory));
    await removeGroups(directory, async () => killPids(await pidsBelow(directory)));
  }

  async prepareMove(): Promise<void> {
    await this.#moves.prepare();
  }

  isInhabited(group: string): boolean {
    checkPath(this.#base, group);
    return hasProcesses(this.#directory(group));
  }

  async pids(group: string): Promise<number[]> {
    checkPath(this.#base, group);
    return await pidsBelow(this.#directory(group));
  }

  async oomKills(group: string): Promise<number> {
    checkPath(this.#base, group);
    return await readKey(this.#directory(group), "memory.events", "oom_kill");
  }

  async usage(group: string): Promise<CgroupUsage> {
    checkPath(this.#base, group);
    const directory = this.#directory(group);
    const [bytes, inactive, cpuMicroseconds, pids] = await Promise.all([
      readNumber(directory, "memory.current"),
      readKey(directory, "memory.stat", "inactive_file"),
      readKey(directory, "cpu.stat", "usage_usec"),
      readNumber(directory, "pids.current"),
    ]);
    return { memoryBytes: Math.max(0, bytes - inactive), cpuMicroseconds, pids };
  }

  cpuClock(group: string): CpuClock {
    checkPath(this.#base, group);
    return openClock(path.join(this.#directory(group), "cpu.stat"), (content) =>
      valueOf(content, "usage_usec"),
    );
  }

  /**
   * `oom_kill` of the group has all below in it; refused processes do since Linux 6.11 and are counted where they were refused
   * before, and each group waits for its own limit of cpu.
   */
  counters(group: string): CgroupCounters {
    checkPath(this.#base, group);
    const top = this.#directory(group);
    let [refusedForks, throttledPeriods, throttledMicroseconds] = [0, 0, 0];
    for (const directory of groupsBelowNow(top)) {
      const cpu = readGroupFileNow(directory, "cpu.stat");
      const own =
        readGroupFileNow(directory, "pids.events.local") ?? readGroupFileNow(directory, "pids.events");
      refusedForks += valueOf(own, "max");
      throttledPeriods += valueOf(cpu, "nr_throttled");
      throttledMicroseconds += valueOf(cpu, "throttled_usec");
    }
    return {
      oomKills: valueOf(readGroupFileNow(top, "memory.events"), "oom_kill"),
      refusedForks,
      throttledPeriods,
      throttledMicroseconds,
      // Since Linux 5.19.
      peakMemoryBytes: readNumberNow(top, "memory.peak"),
    };
  }

  somePids(group: string, most: number): number[] {
    checkPath(this.#base, group);
    return somePidsBelow(this.#directory(group), most);
  }

  /** Hands the controllers down. In a container the root of what we see has processes, which must leave it first. */
  async #enable(group: string): Promise<void> {
    const file = path.join(group, "cgroup.subtree_control");
    try {
      await writeFile(file, CONTROLLERS);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EBUSY")) throw error;
      const leaf = path.join(group, LEAF);
      await mkdir(leaf, { recursive: true });
      for (const pid of await pidsBelow(group)) await writeFile(path.join(leaf, "cgroup.procs"), String(pid));
      await writeFile(file, CONTROLLERS);
    }
  }

  #directory(group: string): string {
    return path.join(this.#mount, group);
  }
}
