import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** What may be left by sessions that have ended, counted. */
export interface Leftovers {
  readonly mounts: number;
  readonly namespaces: number;
  readonly cgroups: number;
  readonly descriptors: number;
  readonly files: number;
  readonly loops: number;
}

export function count(dataDirectory: string, group: string, workerPid: number): Leftovers {
  const mounts = readFileSync("/proc/self/mountinfo", "utf8").split("\n");
  return {
    mounts: mounts.filter((line) => line.includes(dataDirectory)).length,
    namespaces: readdirSync("/run/netns").filter((name) => name.startsWith(`${group}-`)).length,
    cgroups: number(`find /sys/fs/cgroup -type d -path '*/${group}/*' 2>/dev/null | wc -l`),
    descriptors: readdirSync(path.join("/proc", String(workerPid), "fd")).length,
    // What ended sessions printed can be read for a while: their records and terminals are not left over.
    files: number(
      `find ${dataDirectory}/worker -path '*/sessions/*' -prune -o -path '*/terminals/*' -prune -o -print | wc -l`,
    ),
    loops: number(`losetup --list --noheadings --output BACK-FILE | grep -c ${dataDirectory} || true`),
  };
}

const number = (script: string): number => Number(execFileSync("sh", ["-c", script], { encoding: "utf8" }));

/** What there is more of, as words; nothing when there is none. */
export function more(before: Leftovers, after: Leftovers): string[] {
  return (Object.keys(before) as (keyof Leftovers)[])
    .filter((kind) => after[kind] > before[kind])
    .map((kind) => `${after[kind] - before[kind]} ${kind}`);
}
