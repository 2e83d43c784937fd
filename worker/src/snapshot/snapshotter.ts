/**
 * Snapshots: unpacked layer stacks. The vocabulary is containerd's (core/snapshots/snapshotter.go).
 *
 * A snapshot is *active* under a `key` while it is written, or *committed* under a `name`, never changed again, and
 * then usable as a `parent`. On disk every file of a snapshot belongs to the ids of the image (root is 0): a session's
 * own uid range is put on top by idmapped mounts, so that one unpacked layer serves all sessions.
 *
 * Guarantees: `prepare`, `commit` and `remove` are atomic, a kill at any moment leaves either the state before or the
 * state after once the snapshotter has been opened again. Different keys may be used at the same time.
 */
export interface Snapshotter {
  /**
   * Creates an empty active snapshot on top of `parent` (null: on top of nothing). With `staging` it lies there until it is
   * committed.
   */
  prepare(key: string, parent: string | null, staging?: Staging): Promise<ActiveSnapshot>;
  /**
   * Creates an empty active snapshot on top of an active one that nobody writes any more. The one below may be committed
   * or removed meanwhile: what was given out of both stays where it is. It has to be committed before the one on top is,
   * and a kill takes an active snapshot that stands on an active one away.
   */
  stack(key: string, parent: string, staging?: Staging): Promise<ActiveSnapshot>;
  /**
   * Copies a staged snapshot that nobody writes any more to where committed ones are, ahead of its commit, which does so
   * otherwise. What was given out of it stays where it is, for as long as something stands on it. Nothing for others.
   */
  carryOver(key: string, signal?: AbortSignal): Promise<void>;
  /**
   * Makes the active snapshot `key` the committed snapshot `name`; when `name` exists already, `key` is dropped. What
   * stands on `key` stands on `name` then.
   */
  commit(name: string, key: string): Promise<void>;
  /** True if the committed snapshot exists. */
  has(name: string): Promise<boolean>;
  /** Directories of a committed snapshot's stack, the topmost first: the `lowerdir` order of overlayfs. */
  layers(name: string): Promise<string[]>;
  /** Removes an active snapshot by key, or a committed one that has no children. A missing one is no error. */
  remove(keyOrName: string): Promise<void>;
  /** Keys of the active snapshots, such as those that a killed worker left. */
  activeKeys(): string[];
  /** All committed snapshots. */
  list(): Promise<CommittedSnapshot[]>;
  /** Counts as a use of the snapshot, as every other call that names it does. */
  touch(name: string): void;
  /**
   * Removes a committed snapshot, unless it has children or was used at or after `sinceMs` (of performance.now(), in this
   * process). False where it stays; true also for a missing one. Safe beside all other calls.
   */
  removeUnused(name: string, sinceMs: number): Promise<boolean>;
}

/**
 * Where the files of an active snapshot lie while they are written, such as a disk with a limit of its own. It belongs to one
 * snapshot from the call on, also when that rejects. A kill takes what is staged away.
 */
export interface Staging {
  /** A directory below which the snapshot makes one of its own. */
  readonly directory: string;
  /** Called once, when nobody needs any more what was staged; it may still be there. */
  release(): Promise<void>;
}

export interface CommittedSnapshot {
  readonly name: string;
  readonly parent: string | null;
  /** What it adds to its parent, in overlayfs' form. */
  readonly directory: string;
}

export interface ActiveSnapshot {
  readonly key: string;
  /** Where the files that this snapshot adds are written, in overlayfs' form (whiteouts are 0:0 devices). */
  readonly upper: string;
  /** overlayfs' workdir, on the file system of `upper` and under the same parent directory. */
  readonly work: string;
  /** Directories below, the topmost first. */
  readonly lowers: readonly string[];
}

/** A contiguous range of host ids that ids 0 … size-1 of a container are mapped to (user_namespaces(7)). */
export interface IdRange {
  readonly firstHostId: number;
  readonly size: number;
}
