import { randomUUID } from "node:crypto";
import { chmod, chown, mkdir, rename, rm, stat, utimes } from "node:fs/promises";
import path from "node:path";
import { SlipwayError } from "@slipway/protocol";
import { errnoOf } from "../../content/atomic-file.ts";
import { digestOf, hexOf } from "../../content/digest.ts";
import type { Disks } from "../../disk/disk.ts";
import { type DiskLook, lookAfter } from "../disk-look.ts";
import { CacheDisks } from "./cache-disks.ts";

export interface CacheKey {
  /** The playground: nobody sees or changes the cache of another one. */
  readonly owner: string;
  readonly id: string;
  /** What it is filled with when it is new; another seed is another cache. */
  readonly seed: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

export interface CacheUse {
  /** The directory; its ids are those of images. */
  readonly directory: string;
  /** Looks after the disk that all caches of the owner are on. */
  look(): DiskLook;
  /** Lets go of it. Idempotent. */
  release(): Promise<void>;
}

interface Slot {
  users: number;
  /** Resolves when the one that has it locked lets go. */
  tail: Promise<void>;
}

/**
 * Directories that outlive builds: `RUN --mount=type=cache`. They lie on a disk for each owner (see CacheDisks), as
 * `<hex>-<n>`: the number counts those that `private` uses made side by side; the directory's own time is that of the last
 * use.
 */
export class CacheMounts {
  readonly #disks: CacheDisks;
  readonly #slots = new Map<string, Slot>();

  constructor(disks: Disks, limits?: ConstructorParameters<typeof CacheDisks>[1]) {
    this.#disks = new CacheDisks(disks, limits);
  }

  /**
   * The directory for a key, made and filled by `fill` when it is new. `locked` waits until nobody else has it; rejects with
   * the signal's reason then. Rejects with `build-disk-full` when there is no room for what it is filled with.
   */
  async use(
    key: CacheKey,
    sharing: "shared" | "private" | "locked",
    fill: (directory: string) => Promise<void>,
    signal: AbortSignal,
  ): Promise<CacheUse> {
    const disk = this.#disks.take(key.owner);
    const stem = hexOf(digestOf(JSON.stringify([key.owner, key.id, key.seed, key.mode, key.uid, key.gid])));
    const name = this.#choose(stem, sharing);
    const slot = this.#slots.get(name) ?? { users: 0, tail: Promise.resolve() };
    this.#slots.set(name, slot);
    slot.users += 1;
    const leave = once(async () => {
      slot.users -= 1;
      if (slot.users === 0) this.#slots.delete(name);
      disk.release();
    });
    try {
      const unlock = sharing === "locked" ? await locked(slot, signal) : () => {};
      try {
        const home = path.join(await disk.directory, name);
        const directory = await make(home, key, fill);
        const release = once(async () => {
          const now = new Date();
          await utimes(home, now, now).catch(() => undefined);
          unlock();
          await leave();
        });
        return { directory, look: () => lookAfter(directory), release };
      } catch (error) {
        unlock();
        throw error;
      }
    } catch (error) {
      await leave();
      throw errnoOf(error) === "ENOSPC" ? this.full(error) : error;
    }
  }

  /** What a step ends with that found no room in its caches. */
  full(cause?: unknown): SlipwayError {
    const { ownerBytes } = this.#disks;
    const message = `The cache mounts of a playground may hold ${ownerBytes} bytes together.`;
    return new SlipwayError("build-disk-full", message, {
      params: { limit: ownerBytes, what: "cache" },
      cause,
    });
  }

  /** Puts away all that nobody uses, and waits until what is over the limit is gone. */
  async settled(): Promise<void> {
    await this.#disks.restAll();
  }

  #choose(stem: string, sharing: "shared" | "private" | "locked"): string {
    for (let number = 0; ; number += 1) {
      const name = `${stem}-${number}`;
      if (sharing !== "private" || !this.#slots.has(name)) return name;
    }
  }
}

async function make(
  home: string,
  key: CacheKey,
  fill: (directory: string) => Promise<void>,
): Promise<string> {
  const directory = path.join(home, "data");
  if (await stat(directory).catch(() => null)) return directory;
  const draft = `${home}.${randomUUID()}`;
  try {
    const data = path.join(draft, "data");
    await mkdir(data, { recursive: true, mode: 0o711 });
    await fill(data);
    await chown(data, key.uid, key.gid);
    await chmod(data, key.mode & 0o7777);
    await rename(draft, home).catch((error: unknown) => {
      // Somebody else was faster.
      if (errnoOf(error) !== "ENOTEMPTY") throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return directory;
}

/** Waits for those that came before; gives what lets the next one in. */
async function locked(slot: Slot, signal: AbortSignal): Promise<() => void> {
  const before = slot.tail;
  let unlock = () => {};
  slot.tail = new Promise<void>((resolve) => {
    unlock = resolve;
  });
  const chained = before.then(() => undefined);
  try {
    await Promise.race([chained, aborted(signal)]);
    signal.throwIfAborted();
    return unlock;
  } catch (error) {
    // The next one still waits for those before.
    chained.then(unlock, unlock);
    throw error;
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | null = null;
  return () => {
    done ??= work();
    return done;
  };
}

const opened = new WeakMap<Disks, CacheMounts>();

/** The cache mounts of one builder. */
export function cacheMountsOf({ disks }: { readonly disks: Disks }): CacheMounts {
  const found = opened.get(disks) ?? new CacheMounts(disks);
  opened.set(disks, found);
  return found;
}
