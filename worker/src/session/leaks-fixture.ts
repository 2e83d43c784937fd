import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { SessionRecords } from "./record.ts";
import { terminalNames } from "./resources.ts";
import type { TestMachine } from "./test-machine.ts";

/** Directories of a machine in which each entry belongs to one session or to one of its terminals. */
const DIRECTORIES = [
  "containers",
  "state",
  "terminals",
  "disks/images",
  "disks/mounts",
  "disks/scrap",
  "sessions",
];

function list(directory: string): string[] {
  try {
    return readdirSync(directory).map((name) => path.join(directory, name));
  } catch {
    return [];
  }
}

function commandLines(): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
      } catch {
        return ""; // it has ended meanwhile
      }
    });
}

/** All that the sessions of a machine have in the kernel and on the disk, each by its own name. */
export function everything({ directory, own }: TestMachine): string[] {
  const run = (script: string) => execFileSync("sh", ["-c", script], { encoding: "utf8" }).split("\n");
  const group = `slipway-session-test-${own}/`;
  return [
    ...DIRECTORIES.flatMap((name) => list(path.join(directory, name))),
    ...readFileSync("/proc/self/mountinfo", "utf8")
      .split("\n")
      .map((line) => line.split(" ")[4] ?? "")
      .filter((target) => target.startsWith(directory)),
    ...list("/run/netns").filter((file) => file.includes(`slipwayst${own}-`)),
    ...run(`find /sys/fs/cgroup -type d -path '*/${group}*' 2>/dev/null || true`),
    ...run(`losetup --list --noheadings --output BACK-FILE | grep ${directory} || true`),
    ...commandLines().filter((line) => line.includes(`${directory}/terminals/`)),
  ].filter((line) => line !== "");
}

/** Of all that there is, what belongs to no session: to none that lives, and to none that can still be read. */
export async function leaks(machine: TestMachine): Promise<string[]> {
  const records = await (await SessionRecords.open(path.join(machine.directory, "sessions"))).readAll(
    () => {},
  );
  const names: string[] = [];
  for (const record of records) {
    const { request, report, place } = record;
    names.push(`sessions/${request.sessionId}.json`);
    for (const terminal of terminalNames(record).values()) names.push(`terminals/${terminal}`);
    if (report.state !== "ended") names.push(place.name, place.container);
    else if (report.filesKeptUntil !== null) names.push(`disks/images/${place.name}.img`);
  }
  return everything(machine).filter((found) => !names.some((name) => found.includes(name)));
}
