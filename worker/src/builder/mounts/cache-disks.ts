import { readdir, stat, statfs } from "node:fs/promises";
import path from "node:path";
import { removeTree } from "@slipway/native";
import { digestOf, hexOf } from "../../content/digest.ts";
import type { Disks } from "../../disk/disk.ts";

const GIBIBYTE = 1024 ** 3;

export interface CacheLimits {
  /** Size of the disk of one owner: more is refused while it is written (ENOSPC). */
  readonly ownerBytes: number;
  /** What all disks take of the machine after their use; those used longest ago go first. */
  readonly totalBytes: number;
}

const LIMITS: CacheLimits = { ownerBytes: 4 * GIBIBYTE, totalBytes: 10 * GIBIBYTE };
const PREFIX = "cache-";
/** A disk in use above this part loses what was used longest ago, until it is below the other. */
const CROWDED_PART = 3 / 4;
const TRIMMED_PART = 1 / 2;
/** Mounting takes milliseconds, unmounting writes what was not written: a disk stays for the next step. */
const REST_AFTER_MS = 10_000;

export interface HeldDisk {
  readonly directory: Promise<string>;
  release(): void;
}

interface OpenDisk {
  readonly directory: Promise<string>;
  users: number;
  timer: NodeJS.Timeout | null;
}

/**
 * Disks for cache mounts: one for each owner, so that what a step writes into caches has a hard limit, however many it
 * declares. They are mounted while they are used and a while longer. One that was torn by a power cut is made anew, and one
 * that gets crowded is trimmed before its next use: a cache may be empty at any time.
 */
export class CacheDisks {
  readonly #disks: Disks;
  readonly #limits: CacheLimits;
  readonly #open = new Map<string, OpenDisk>();
  /** Mounting, unmounting and removing go one after the other. */
  #moving: Promise<unknown> = Promise.resolve();

  constructor(disks: Disks, limits = LIMITS) {
    this.#disks = disks;
    this.#limits = limits;
  }

  get ownerBytes(): number {
    return this.#limits.ownerBytes;
  }

  /** The disk of an owner. `release` in any case, once. */
  take(owner: string): HeldDisk {
    const name = `${PREFIX}${hexOf(digestOf(owner)).slice(0, 32)}`;
    const open = this.#open.get(name) ?? this.#mount(name);
    if (open.timer !== null) clearTimeout(open.timer);
    open.timer = null;
    open.users += 1;
    const release = () => {
      open.users -= 1;
      if (open.users > 0) return;
      open.timer = setTimeout(() => void this.#rest(name, open), REST_AFTER_MS);
      // The worker's end does not wait for it; its next start puts the disk down.
      open.timer.unref();
    };
    return { directory: open.directory, release };
  }

  /** Unmounts all that nobody uses, now. */
  async restAll(): Promise<void> {
    await Promise.all([...this.#open].map(([name, open]) => this.#rest(name, open)));
  }

  #mount(name: string): OpenDisk {
    const directory = this.#inOrder(async () => {
      if (await this.#disks.isTorn(name)) await this.#disks.remove(name);
      const disk = await this.#disks.create(name, this.#limits.ownerBytes);
      await trim(disk.directory);
      return disk.directory;
    });
    const open: OpenDisk = { directory, users: 0, timer: null };
    this.#open.set(name, open);
    directory.catch(() => this.#open.get(name) === open && this.#open.delete(name));
    return open;
  }

  async #rest(name: string, open: OpenDisk): Promise<void> {
    await this.#inOrder(async () => {
      if (open.users > 0 || this.#open.get(name) !== open) return;
      // Whoever takes it from here on mounts it again, behind this.
      this.#open.delete(name);
      if (open.timer !== null) clearTimeout(open.timer);
      await this.#disks.rest(name);
      await this.#tidy();
    }).catch(() => undefined);
  }

  async #tidy(): Promise<void> {
    const found: { name: string; bytes: number; writtenMs: number }[] = [];
    for (const name of await this.#disks.list()) {
      const space = name.startsWith(PREFIX) ? await this.#disks.occupied(name) : null;
      if (space) found.push({ name, ...space });
    }
    let total = found.reduce((sum, { bytes }) => sum + bytes, 0);
    for (const { name, bytes } of found.sort((left, right) => left.writtenMs - right.writtenMs)) {
      if (total <= this.#limits.totalBytes) return;
      if (this.#open.has(name)) continue;
      await this.#disks.remove(name);
      total -= bytes;
    }
  }

  #inOrder<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#moving.then(work);
    this.#moving = done.catch(() => undefined);
    return done;
  }
}

/** Removes what a kill left half made, and of a crowded disk the directories that were used longest ago. */
async function trim(directory: string): Promise<void> {
  const homes: { home: string; usedMs: number }[] = [];
  for (const name of await readdir(directory)) {
    if (name === "lost+found") continue;
    const home = path.join(directory, name);
    if (name.includes(".")) await removeTree(home);
    else homes.push({ home, usedMs: (await stat(home)).mtimeMs });
  }
  homes.sort((left, right) => left.usedMs - right.usedMs);
  if ((await usedPart(directory)) < CROWDED_PART) return;
  for (const { home } of homes) {
    await removeTree(home);
    if ((await usedPart(directory)) < TRIMMED_PART) return;
  }
}

/** Of bytes or of inodes, whichever is more. */
async function usedPart(directory: string): Promise<number> {
  const { blocks, bavail, files, ffree } = await statfs(directory);
  return Math.max(1 - bavail / blocks, 1 - ffree / files);
}
