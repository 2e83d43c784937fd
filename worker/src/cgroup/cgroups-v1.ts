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
  socketBytes,
} from "./cgroup.ts";
import { NO_CLOCK, openClock } from "./clock.ts";
import type { LayoutV1 } from "./layout.ts";
import { Moves } from "./moves.ts";
import { checkName, checkPath } from "./names.ts";
import {
  groupsBelow,
  groupsBelowNow,
  hasProcesses,
  killPids,
  pidsBelow,
  readGroupFile,
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

const SOCKETS_FILE = "memory.kmem.tcp.limit_in_bytes";

/** Control groups version 1 (the kernel's admin-guide/cgroup-v1), with or without a v2 tree beside them. */
export class CgroupsV1 implements Cgroups {
  readonly layout: "v1" | "hybrid";
  readonly unifiedMount: string | null;
  readonly limitsSwap: boolean;
  readonly limitsSockets: boolean;
  readonly #mounts: ReadonlyMap<string, string>;
  readonly #hierarchies: ReadonlySet<string>;
  readonly #base: string;
  readonly #moves: Moves;

  constructor(layout: LayoutV1, base: string) {
    this.layout = layout.unified === null ? "v1" : "hybrid";
    this.unifiedMount = layout.unified?.hasControllers ? layout.unified.mount : null;
    this.#mounts = layout.mounts;
    const unified = layout.unified === null ? [] : [layout.unified.mount];
    this.#hierarchies = new Set([...layout.mounts.values(), ...unified]);
    this.#base = base;
    this.#moves = new Moves(this.#mount("pids"), "pids");
    this.limitsSwap = existsSync(path.join(this.#mount("memory"), "memory.memsw.limit_in_bytes"));
    this.limitsSockets = existsSync(path.join(this.#mount("memory"), SOCKETS_FILE));
  }

  path(name: string): string {
    return path.posix.join(this.#base, name);
  }

  async create(name: string, limits: CgroupLimits): Promise<void> {
    checkName(name);
    for (const controller of ["memory", "cpu", "cpuacct", "pids"]) {
      if (this.#mounts.has(controller))
        await mkdir(this.#group(controller, this.path(name)), { recursive: true });
    }
    await this.#limitMemory(this.#group("memory", this.path(name)), limits.memoryBytes);
    await writeIfPresent(
      this.#group("memory", this.path(name)),
      SOCKETS_FILE,
      String(socketBytes(limits.memoryBytes)),
    );
    const cpu = this.#group("cpu", this.path(name));
    await writeFile(path.join(cpu, "cpu.cfs_period_us"), String(CPU_PERIOD_US));
    await writeFile(path.join(cpu, "cpu.cfs_quota_us"), String(Math.round(limits.cpus * CPU_PERIOD_US)));
    await writeFile(path.join(this.#group("pids", this.path(name)), "pids.max"), String(limits.pids));
  }

  async remove(name: string): Promise<void> {
    checkName(name);
    await this.removePath(this.path(name));
  }

  async list(): Promise<string[]> {
    const names = new Set<string>();
    for (const directory of this.#everywhere(this.#base)) {
      for (const name of await subgroups(directory)) names.add(name);
    }
    return [...names];
  }

  async removeAll(): Promise<void> {
    await this.#removeTree(this.#base);
  }

  async removePath(group: string): Promise<void> {
    checkPath(this.#base, group);
    await this.#removeTree(group);
  }

  async #removeTree(group: string): Promise<void> {
    // A process is in all hierarchies or, if the OCI runtime was killed half way, in some: those are killed below.
    if ((await pidsBelow(this.#group("pids", group))).length > 0) await this.#kill(group);
    await Promise.all(
      this.#everywhere(group).map((directory) =>
        removeGroups(directory, async () => killPids(await pidsBelow(directory))),
      ),
    );
  }

  async prepareMove(): Promise<void> {
    await this.#moves.prepare();
  }

  isInhabited(group: string): boolean {
    checkPath(this.#base, group);
    return hasProcesses(this.#group("pids", group));
  }

  async pids(group: string): Promise<number[]> {
    checkPath(this.#base, group);
    return await pidsBelow(this.#group("pids", group));
  }

  async oomKills(group: string): Promise<number> {
    checkPath(this.#base, group);
    let kills = 0;
    // In version 1 each group counts its own victims only.
    for (const directory of await groupsBelow(this.#group("memory", group))) {
      kills += await readKey(directory, "memory.oom_control", "oom_kill");
    }
    return kills;
  }

  async usage(group: string): Promise<CgroupUsage> {
    checkPath(this.#base, group);
    const memory = this.#group("memory", group);
    const [bytes, inactive, nanoseconds, pids] = await Promise.all([
      readNumber(memory, "memory.usage_in_bytes"),
      readKey(memory, "memory.stat", "total_inactive_file"),
      this.#mounts.has("cpuacct") ? readNumber(this.#group("cpuacct", group), "cpuacct.usage") : 0,
      readNumber(this.#group("pids", group), "pids.current"),
    ]);
    return {
      memoryBytes: Math.max(0, bytes - inactive),
      cpuMicroseconds: Math.round(nanoseconds / 1000),
      pids,
    };
  }

  cpuClock(group: string): CpuClock {
    checkPath(this.#base, group);
    if (!this.#mounts.has("cpuacct")) return NO_CLOCK;
    const file = path.join(this.#group("cpuacct", group), "cpuacct.usage");
    return openClock(file, (nanoseconds) => Math.round(Number(nanoseconds) / 1000));
  }

  /** In version 1 each group counts for itself, but for the peak of memory, which has all below in it. */
  counters(group: string): CgroupCounters {
    checkPath(this.#base, group);
    let [oomKills, refusedForks, throttledPeriods, throttledNanoseconds] = [0, 0, 0, 0];
    const top = this.#group("pids", group);
    for (const directory of groupsBelowNow(top)) {
      const below = path.join(group, path.relative(top, directory));
      const memory = readGroupFileNow(this.#group("memory", below), "memory.oom_control");
      const cpu = readGroupFileNow(this.#group("cpu", below), "cpu.stat");
      oomKills += valueOf(memory, "oom_kill");
      refusedForks += valueOf(readGroupFileNow(directory, "pids.events"), "max");
      throttledPeriods += valueOf(cpu, "nr_throttled");
      throttledNanoseconds += valueOf(cpu, "throttled_time");
    }
    return {
      oomKills,
      refusedForks,
      throttledPeriods,
      throttledMicroseconds: Math.round(throttledNanoseconds / 1000),
      peakMemoryBytes: readNumberNow(this.#group("memory", group), "memory.max_usage_in_bytes"),
    };
  }

  somePids(group: string, most: number): number[] {
    checkPath(this.#base, group);
    return somePidsBelow(this.#group("pids", group), most);
  }

  /** The limit for memory plus swap may never be the lower one, so the order depends on the direction. */
  async #limitMemory(group: string, bytes: number): Promise<void> {
    const files = ["memory.limit_in_bytes", "memory.memsw.limit_in_bytes"].slice(0, this.limitsSwap ? 2 : 1);
    if (this.limitsSwap && Number(await readGroupFile(group, "memory.memsw.limit_in_bytes")) < bytes)
      files.reverse();
    for (const file of files) await writeFile(path.join(group, file), String(bytes));
  }

  /** Frozen first where possible, so that nothing forks faster than it is killed. */
  async #kill(group: string): Promise<void> {
    const freezers = this.#mounts.has("freezer") ? await groupsBelow(this.#group("freezer", group)) : [];
    for (const directory of freezers) await writeIfPresent(directory, "freezer.state", "FROZEN");
    for (const directory of this.#everywhere(group)) killPids(await pidsBelow(directory));
    for (const directory of freezers) await writeIfPresent(directory, "freezer.state", "THAWED");
  }

  #mount(controller: string): string {
    const mount = this.#mounts.get(controller);
    if (mount === undefined) throw new Error(`No cgroup hierarchy of ${controller}.`);
    return mount;
  }

  #group(controller: string, group: string): string {
    return path.join(this.#mount(controller), group);
  }

  /** Directories of a group in all hierarchies: the OCI runtime makes one in each, runc in the v2 tree as well. */
  #everywhere(group: string): string[] {
    return [...this.#hierarchies].map((mount) => path.join(mount, group));
  }
}
