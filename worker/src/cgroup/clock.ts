import { closeSync, openSync, readSync } from "node:fs";
import type { CpuClock } from "./cgroup.ts";

/** The longest is `cpu.stat` of version 2, some 300 bytes, of which the first line is wanted. */
const CONTENT_BYTES = 512;

export const NO_CLOCK: CpuClock = { read: () => Number.NaN, close: () => {} };

/** A clock in a file of a group. An open file is read again in a tenth of the time that opening takes. */
export function openClock(file: string, microseconds: (content: string) => number): CpuClock {
  let fd: number | null;
  try {
    fd = openSync(file, "r");
  } catch {
    return NO_CLOCK;
  }
  const buffer = Buffer.alloc(CONTENT_BYTES);
  return {
    read: () => {
      if (fd === null) return Number.NaN;
      try {
        return microseconds(buffer.toString("latin1", 0, readSync(fd, buffer, 0, CONTENT_BYTES, 0)));
      } catch {
        // ENODEV: the group was removed.
        return Number.NaN;
      }
    },
    close: () => {
      if (fd !== null) closeSync(fd);
      fd = null;
    },
  };
}
