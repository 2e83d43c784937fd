import { constants } from "node:fs";
import type { FoundPath } from "./archive-path.ts";

/* `X-Docker-Container-Path-Stat`: JSON in base64, with modes as Go has them (io/fs, FileMode). */

const GO_KINDS: ReadonlyMap<number, number> = new Map([
  [constants.S_IFDIR, 2 ** 31],
  [constants.S_IFLNK, 2 ** 27],
  [constants.S_IFBLK, 2 ** 26],
  [constants.S_IFIFO, 2 ** 25],
  [constants.S_IFSOCK, 2 ** 24],
  [constants.S_IFCHR, 2 ** 26 + 2 ** 21],
]);
/** Set-user-id, set-group-id and sticky. */
const GO_BITS = [
  [0o4000, 2 ** 23],
  [0o2000, 2 ** 22],
  [0o1000, 2 ** 20],
] as const;

/** A mode of stat(2) as Go's. */
export function goMode(mode: number): number {
  const kind = GO_KINDS.get(mode & constants.S_IFMT) ?? 0;
  const bits = GO_BITS.reduce((sum, [bit, go]) => sum + ((mode & bit) === 0 ? 0 : go), 0);
  return kind + bits + (mode & 0o777);
}

export function pathStatHeader({ shownName, status, linkTarget }: FoundPath): Record<string, string> {
  const stat = {
    name: shownName,
    size: status.size,
    mode: goMode(status.mode),
    mtime: status.mtime.toISOString(),
    linkTarget,
  };
  return { "X-Docker-Container-Path-Stat": Buffer.from(JSON.stringify(stat)).toString("base64") };
}
