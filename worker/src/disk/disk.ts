/**
 * Disks of sessions: directories with a hard limit on bytes and inodes, whatever is written there. Full means ENOSPC
 * inside the session and nothing outside it.
 */
export interface Disks {
  /** Creates the disk, or finds it as it was. `name`: at most 40 of a-z, 0-9 and dashes. */
  create(name: string, limitBytes: number): Promise<Disk>;
  /** Unmounts it and keeps its files: `create` finds them again. A missing one is no error. */
  rest(name: string): Promise<void>;
  /** Unmounts and deletes it. A missing one is no error. */
  remove(name: string): Promise<void>;
  /** Names of all disks that exist, for reconciliation after a restart. */
  list(): Promise<string[]>;
  /** What a disk takes of the machine and when it was written to last, mounted or not; null for a missing one. */
  occupied(name: string): Promise<OccupiedSpace | null>;
  /** True for one that was mounted when the machine lost its power: what it holds may be torn. */
  isTorn(name: string): Promise<boolean>;
}

export interface OccupiedSpace {
  readonly bytes: number;
  readonly writtenMs: number;
}

export interface Disk {
  readonly name: string;
  /** A directory on the disk's own file system. */
  readonly directory: string;
  usage(): Promise<DiskUsage>;
}

/** What is written and how much fits; limits are those of the file system itself, a little below what was asked for. */
export interface DiskUsage {
  readonly usedBytes: number;
  readonly limitBytes: number;
  /** Files, directories and links. */
  readonly usedInodes: number;
  readonly limitInodes: number;
}
