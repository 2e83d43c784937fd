import { readdirSync, readFileSync, statSync } from "node:fs";

/** Processes of one session that a look visits. Those beyond go unseen, a small part of what a session may have. */
const MAX_PROCESSES = 128;
/** Longest name in an event, characters, as the protocol has it. */
const NAME_CHARACTERS = 64;

export interface SessionProcess {
  readonly hostPid: number;
  /** As its own pid namespace numbers it; null where that can't be told. */
  readonly pid: number | null;
  readonly openFiles: number;
}

/**
 * The processes of a session as of the last look, and those of the look before: a process that the kernel killed can't be
 * asked any more for its pid inside. Reads of /proc are synchronous, the kernel has all of it in memory.
 */
export class SessionProcesses {
  readonly #hostPids: (most: number) => readonly number[];
  #before = new Map<number, number | null>();
  #last = new Map<number, number | null>();

  constructor(hostPids: (most: number) => readonly number[]) {
    this.#hostPids = hostPids;
  }

  look(): SessionProcess[] {
    this.#before = this.#last;
    this.#last = new Map();
    return this.#hostPids(MAX_PROCESSES).flatMap((hostPid) => {
      const openFiles = countOpenFiles(hostPid);
      if (openFiles === null) return [];
      const pid = this.#before.get(hostPid) ?? innermostPid(hostPid);
      this.#last.set(hostPid, pid);
      return [{ hostPid, pid, openFiles }];
    });
  }

  /** Pid inside of a process that may have ended since the last look; null where that isn't known. */
  containerPid(hostPid: number): number | null {
    return this.#last.get(hostPid) ?? this.#before.get(hostPid) ?? null;
  }
}

/** What a process calls itself (`comm`, proc_pid_comm(5)); empty when it is gone. */
export function processName(hostPid: number): string {
  return shownName(readProc(hostPid, "comm")?.replace(/\n$/, "") ?? "");
}

/** A name as an event has it: without what would act on a screen, and not too long. */
export function shownName(name: string): string {
  return name.replace(/\p{C}/gu, "\u{fffd}").slice(0, NAME_CHARACTERS);
}

/** Null when it is gone. Since Linux 6.2 the size of the directory is the count; before, and for a count of 0, it is read. */
function countOpenFiles(hostPid: number): number | null {
  const directory = `/proc/${hostPid}/fd`;
  try {
    return statSync(directory).size || readdirSync(directory).length;
  } catch {
    return null;
  }
}

/** The last number of `NSpid` (proc_pid_status(5)). */
function innermostPid(hostPid: number): number | null {
  const [, pids] = /^NSpid:\s*([\d\s]+)$/m.exec(readProc(hostPid, "status") ?? "") ?? [];
  const pid = Number(pids?.trim().split(/\s+/).at(-1) ?? 0);
  return pid > 0 ? pid : null;
}

function readProc(hostPid: number, file: string): string | null {
  try {
    return readFileSync(`/proc/${hostPid}/${file}`, "utf8");
  } catch {
    return null;
  }
}
