import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";

/**
 * Moves of processes between groups (a write to `cgroup.procs`) take a lock of the whole machine. Whoever takes it when
 * nobody had it for some 15 ms waits for a grace period of RCU first, 6 to 20 ms (kernel/cgroup/cgroup.c,
 * cgroup_attach_lock; kernel/rcu/sync.c). An OCI runtime does that in the middle of a container's start. Taken once
 * beside what comes before, the lock is at hand by then.
 */
export class Moves {
  /** Mount point of a hierarchy, and its name in /proc/self/cgroup: "pids", or "" for version 2. */
  readonly #mount: string;
  readonly #hierarchy: string;
  #running: Promise<void> | null = null;

  constructor(mount: string, hierarchy: string) {
    this.#mount = mount;
    this.#hierarchy = hierarchy;
  }

  /** Moves this process to where it is. Never rejects: without it the next move is slower and nothing else. */
  async prepare(): Promise<void> {
    this.#running ??= this.#moveNowhere().finally(() => {
      this.#running = null;
    });
    await this.#running;
  }

  async #moveNowhere(): Promise<void> {
    try {
      const group = ownGroup(await readFile("/proc/self/cgroup", "utf8"), this.#hierarchy);
      if (group === null) return;
      const file = path.join(this.#mount, group, "cgroup.procs");
      await writeFile(file, String(process.pid), { flag: "r+" });
    } catch {
      // A group that this mount doesn't show, or one that may not be written to.
    }
  }
}

/** The path of this process in one hierarchy (cgroups(7), "/proc/[pid]/cgroup"), or null. */
export function ownGroup(cgroups: string, hierarchy: string): string | null {
  for (const line of cgroups.split("\n")) {
    const [, controllers, ...group] = line.split(":");
    if (controllers === undefined || group.length === 0) continue;
    if (hierarchy === "" ? controllers === "" : controllers.split(",").includes(hierarchy))
      return group.join(":");
  }
  return null;
}
