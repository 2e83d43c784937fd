import { readdirSync, readFileSync } from "node:fs";
import { readdir, readFile, rmdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** A killed process leaves its group only when the kernel has taken it down; removal waits this long, then fails. */
const REMOVE_ATTEMPTS = 400;
const REMOVE_DELAY_MS = 5;

/** Directories of a group and all below it, the deepest first. Missing ones are left out. */
export async function groupsBelow(directory: string): Promise<string[]> {
  const groups: string[] = [];
  for (const name of await subgroups(directory))
    groups.push(...(await groupsBelow(path.join(directory, name))));
  return [...groups, directory];
}

/** Names of the groups in a group's directory. */
export async function subgroups(directory: string): Promise<string[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}

/** Host pids in a group and below. */
export async function pidsBelow(directory: string): Promise<number[]> {
  const pids: number[] = [];
  for (const group of await groupsBelow(directory)) {
    const lines = (await readGroupFile(group, "cgroup.procs"))?.split("\n") ?? [];
    // 0 stands for a process that this pid namespace doesn't see.
    for (const line of lines) if (Number(line) > 0) pids.push(Number(line));
  }
  return pids;
}

/** As pidsBelow, synchronous, and `most` of them at most. */
export function somePidsBelow(directory: string, most: number): number[] {
  const pids: number[] = [];
  for (const group of groupsBelowNow(directory)) {
    for (const line of readGroupFileNow(group, "cgroup.procs")?.split("\n") ?? []) {
      if (pids.length >= most) return pids;
      if (Number(line) > 0) pids.push(Number(line));
    }
  }
  return pids;
}

/** True if the group itself has a process. Synchronous: the kernel has it in memory. */
export function hasProcesses(group: string): boolean {
  try {
    return readFileSync(path.join(group, "cgroup.procs"), "latin1") !== "";
  } catch (error) {
    if (isGone(error)) return false;
    throw error;
  }
}

/** As groupsBelow, synchronous. */
export function groupsBelowNow(directory: string): string[] {
  try {
    const groups = readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .flatMap((entry) => groupsBelowNow(path.join(directory, entry.name)));
    return [...groups, directory];
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}

/** As readGroupFile, synchronous. */
export function readGroupFileNow(group: string, file: string): string | null {
  try {
    return readFileSync(path.join(group, file), "latin1");
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}

/** As readNumber, synchronous. */
export function readNumberNow(group: string, file: string): number {
  return Number(readGroupFileNow(group, file) ?? 0);
}

/** The number after a key in what a file of `key number` lines holds; 0 when it is missing. */
export function valueOf(content: string | null, key: string): number {
  const line = content?.split("\n").find((candidate) => candidate.startsWith(`${key} `));
  return line === undefined ? 0 : Number(line.slice(key.length + 1));
}

/** Content of a file of a group; null when the group or the file is missing. */
export async function readGroupFile(group: string, file: string): Promise<string | null> {
  try {
    return await readFile(path.join(group, file), "utf8");
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}

/** The number after a key in a file of `key number` lines; 0 when it is missing. */
export async function readKey(group: string, file: string, key: string): Promise<number> {
  return valueOf(await readGroupFile(group, file), key);
}

/** The number in a file; 0 when it is missing. */
export async function readNumber(group: string, file: string): Promise<number> {
  return Number((await readGroupFile(group, file)) ?? 0);
}

/** Writes a file of a group; false when the group or the file is missing. */
export async function writeIfPresent(group: string, file: string, value: string): Promise<boolean> {
  try {
    // No O_CREAT: a missing file must not look like a permission problem.
    await writeFile(path.join(group, file), value, { flag: "r+" });
    return true;
  } catch (error) {
    if (isGone(error)) return false;
    throw error;
  }
}

/** Removes groups whose processes have been killed; `killAgain` is called while some remain. */
export async function removeGroups(directory: string, killAgain: () => Promise<void>): Promise<void> {
  for (const group of await groupsBelow(directory)) {
    for (let attempt = 0; ; attempt += 1) {
      try {
        await rmdir(group);
        break;
      } catch (error) {
        if (isGone(error)) break;
        if (!isBusy(error) || attempt === REMOVE_ATTEMPTS) throw error;
        await killAgain();
        await sleep(REMOVE_DELAY_MS);
      }
    }
  }
}

/** SIGKILL; a process that has ended meanwhile is what was wanted. */
export function killPids(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, "SIGKILL");
    } catch (error) {
      if (!hasCode(error, "ESRCH")) throw error;
    }
  }
}

/** ENODEV is what reading gives after the group behind an open directory was removed. */
function isGone(error: unknown): boolean {
  return hasCode(error, "ENOENT") || hasCode(error, "ENODEV");
}

function isBusy(error: unknown): boolean {
  return hasCode(error, "EBUSY") || hasCode(error, "ENOTEMPTY");
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
