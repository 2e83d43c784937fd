import { randomUUID } from "node:crypto";
import { chmod, chown, mkdir, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import path from "node:path";
import { digestOf, hexOf } from "../../content/digest.ts";
import { runProgram } from "../../process/program.ts";

/** All cache mounts of a worker together; those used longest ago go first. */
export const CACHE_MOUNT_BYTES = 10 * 1024 ** 3;
/** Measuring a large cache takes a while. */
const MEASURE_TIMEOUT_MS = 300_000;

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
  /** Lets go of it. Idempotent. */
  release(): Promise<void>;
}

interface Slot {
  users: number;
  /** Resolves when the one that has it locked lets go. */
  tail: Promise<void>;
}

/**
 * Directories that outlive builds: `RUN --mount=type=cache`. On disk `<hex>-<n>`, the number counts those that `private`
 * uses made side by side; the directory's own time is that of the last use.
 */
export class CacheMounts {
  readonly #directory: string;
  readonly #limitBytes: number;
  readonly #slots = new Map<string, Slot>();
  #tidying: Promise<void> = Promise.resolve();

  constructor(directory: string, limitBytes = CACHE_MOUNT_BYTES) {
    this.#directory = directory;
    this.#limitBytes = limitBytes;
  }

  /**
   * The directory for a key, made and filled by `fill` when it is new. `locked` waits until nobody else has it; rejects with
   * the signal's reason then.
   */
  async use(
    key: CacheKey,
    sharing: "shared" | "private" | "locked",
    fill: (directory: string) => Promise<void>,
    signal: AbortSignal,
  ): Promise<CacheUse> {
    await mkdir(this.#directory, { recursive: true, mode: 0o711 });
    const stem = hexOf(digestOf(JSON.stringify([key.owner, key.id, key.seed, key.mode, key.uid, key.gid])));
    const name = this.#choose(stem, sharing);
    const slot = this.#slots.get(name) ?? { users: 0, tail: Promise.resolve() };
    this.#slots.set(name, slot);
    slot.users += 1;
    const leave = this.#leave(name, slot);
    try {
      const unlock = sharing === "locked" ? await locked(slot, signal) : () => {};
      try {
        const directory = await this.#make(name, key, fill);
        return { directory, release: once(() => leave(unlock)) };
      } catch (error) {
        unlock();
        throw error;
      }
    } catch (error) {
      await leave(() => {});
      throw error;
    }
  }

  /** Waits until what is over the limit is gone. */
  async settled(): Promise<void> {
    await this.#tidying;
  }

  #choose(stem: string, sharing: "shared" | "private" | "locked"): string {
    for (let number = 0; ; number += 1) {
      const name = `${stem}-${number}`;
      if (sharing !== "private" || !this.#slots.has(name)) return name;
    }
  }

  #leave(name: string, slot: Slot): (unlock: () => void) => Promise<void> {
    return async (unlock) => {
      const now = new Date();
      await utimes(path.join(this.#directory, name), now, now).catch(() => undefined);
      unlock();
      slot.users -= 1;
      if (slot.users > 0) return;
      this.#slots.delete(name);
      this.#tidying = this.#tidying.then(() => this.#tidy()).catch(() => undefined);
    };
  }

  async #make(name: string, key: CacheKey, fill: (directory: string) => Promise<void>): Promise<string> {
    const home = path.join(this.#directory, name);
    const directory = path.join(home, "data");
    if (await stat(directory).catch(() => null)) return directory;
    const draft = path.join(this.#directory, `${name}.${randomUUID()}`);
    try {
      await mkdir(path.join(draft, "data"), { recursive: true, mode: 0o711 });
      const data = path.join(draft, "data");
      await fill(data);
      await chown(data, key.uid, key.gid);
      await chmod(data, key.mode & 0o7777);
      await rename(draft, home).catch((error: unknown) => {
        // Somebody else was faster.
        if (!(error instanceof Error && "code" in error && error.code === "ENOTEMPTY")) throw error;
      });
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
    return directory;
  }

  /** Removes what nobody uses, the oldest first, until the rest is within the limit, and what a kill left half made. */
  async #tidy(): Promise<void> {
    const entries: { name: string; usedMs: number; bytes: number }[] = [];
    for (const name of await readdir(this.#directory)) {
      const home = path.join(this.#directory, name);
      if (name.includes(".")) continue;
      const { stdout } = await runProgram(["du", "-s", "-B1", home], { timeoutMs: MEASURE_TIMEOUT_MS });
      entries.push({ name, usedMs: (await stat(home)).mtimeMs, bytes: Number.parseInt(stdout, 10) || 0 });
    }
    let total = entries.reduce((sum, { bytes }) => sum + bytes, 0);
    for (const { name, bytes } of entries.sort((left, right) => left.usedMs - right.usedMs)) {
      if (total <= this.#limitBytes) return;
      if (this.#slots.has(name)) continue;
      const scrap = path.join(this.#directory, `${name}.${randomUUID()}`);
      await rename(path.join(this.#directory, name), scrap);
      await rm(scrap, { recursive: true, force: true });
      total -= bytes;
    }
  }
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

const opened = new WeakMap<object, CacheMounts>();

/** The cache mounts of one builder. */
export function cacheMountsOf(builder: { readonly directory: string }): CacheMounts {
  const found = opened.get(builder) ?? new CacheMounts(path.join(builder.directory, "cache-mounts"));
  opened.set(builder, found);
  return found;
}
