import { closeSync, constants, openSync, readSync } from "node:fs";
import { type OomKill, parseOomRecord } from "./oom-lines.ts";

/** Room for one record (kernel/printk/printk.c, PRINTK_MESSAGE_MAX and its prefix are below it). */
const RECORD_BYTES = 8192;
/** Records that one look takes; the rest is there at the next. */
const RECORDS_PER_LOOK = 4096;
/** Kills that nobody has asked for yet; older ones are forgotten. */
const MAX_KILLS = 256;

/** What the kernel said about processes that it killed for memory. Each is handed out once. */
export interface KernelLog {
  /** Kills that `fits`, oldest first. Never rejects; empty where the log can't be read. */
  take(fits: (kill: OomKill) => boolean): OomKill[];
  close(): void;
}

/** The kernel's log of this machine. Where it can't be read (a container without it), one that is always empty. */
export function openKernelLog(file = "/dev/kmsg"): KernelLog {
  try {
    return new DeviceLog(openSync(file, constants.O_RDONLY | constants.O_NONBLOCK));
  } catch {
    return { take: () => [], close: () => {} };
  }
}

/** Reads are synchronous: the records are in memory, each read gives one, and EAGAIN says that there is no more. */
class DeviceLog implements KernelLog {
  readonly #fd: number;
  readonly #buffer = Buffer.alloc(RECORD_BYTES);
  #kills: OomKill[] = [];

  constructor(fd: number) {
    this.#fd = fd;
  }

  take(fits: (kill: OomKill) => boolean): OomKill[] {
    this.#read();
    const taken = this.#kills.filter(fits);
    if (taken.length > 0) this.#kills = this.#kills.filter((kill) => !fits(kill));
    return taken;
  }

  close(): void {
    closeSync(this.#fd);
  }

  #read(): void {
    for (let count = 0; count < RECORDS_PER_LOOK; count += 1) {
      const record = this.#next();
      if (record === null) return;
      const kill = parseOomRecord(record);
      if (kill) this.#add(kill);
    }
  }

  /** Null at the end of what there is, and "" for a record that was overwritten before it was read (EPIPE). */
  #next(): string | null {
    try {
      return this.#buffer.toString("latin1", 0, readSync(this.#fd, this.#buffer));
    } catch (error) {
      return error instanceof Error && "code" in error && error.code === "EPIPE" ? "" : null;
    }
  }

  /** The two lines of one kill become one: the group is in the first, the size in the second. */
  #add(kill: OomKill): void {
    const first = this.#kills.findIndex(
      ({ pid, uid, memoryBytes }) => pid === kill.pid && uid === kill.uid && memoryBytes === null,
    );
    const known = this.#kills[first];
    if (known && kill.cgroup === null) this.#kills[first] = { ...kill, cgroup: known.cgroup };
    else this.#kills = [...this.#kills.slice(-(MAX_KILLS - 1)), kill];
  }
}
