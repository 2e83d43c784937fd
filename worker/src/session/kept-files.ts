import { access, readdir } from "node:fs/promises";
import { SlipwayError } from "@slipway/protocol";
import { checkFreeSpace, RESERVED_BYTES } from "../disk/free-space.ts";
import { upperOf } from "./ground.ts";
import type { SessionParts } from "./parts.ts";
import type { Place } from "./place.ts";
import { Turns } from "./turns.ts";

/** How long the files of an ended session can be saved or exported. */
export const FILES_KEPT_MS = 15 * 60_000;
/** Ended sessions whose files are kept; the oldest go first. */
export const FILES_KEPT_SESSIONS = 32;
/** What the kept files of all sessions may take on the worker's disk, bytes. */
export const FILES_KEPT_BYTES = 8 * 1024 ** 3;
/** Time between two looks at the room that is left on the worker's disk. */
const ROOM_LOOK_MS = 30_000;

/** The disk of a session that has ended. */
export interface KeptDisk {
  readonly place: Place;
  readonly diskBytes: number;
  /** What its files take. */
  readonly usedBytes: number;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

interface Kept extends KeptDisk {
  readonly dropped: () => void;
  readonly turns: Turns;
  readonly timer: NodeJS.Timeout;
}

/**
 * Disks of sessions that have ended, unmounted, for the case that somebody still wants what is on them. Bounded in time, number
 * and bytes, and the first to go where the worker's disk gets short.
 */
export class KeptFiles {
  readonly #parts: SessionParts;
  readonly #limits: { readonly sessions: number; readonly bytes: number };
  /** By the name of the place, the oldest first. */
  readonly #kept = new Map<string, Kept>();
  #roomTimer: NodeJS.Timeout | undefined;

  constructor(
    parts: SessionParts,
    limits: { readonly sessions: number; readonly bytes: number } = {
      sessions: FILES_KEPT_SESSIONS,
      bytes: FILES_KEPT_BYTES,
    },
  ) {
    this.#parts = parts;
    this.#limits = limits;
  }

  /**
   * Looks at the disk of a session of which nothing runs any more. Null where nothing was written: there is nothing to keep.
   */
  async measure(place: Place, diskBytes: number): Promise<KeptDisk | null> {
    const disk = await this.#parts.disks.create(place.name, diskBytes);
    const written = await readdir(upperOf(disk)).catch(() => []);
    if (written.length === 0) return null;
    const { usedBytes } = await disk.usage();
    return { place, diskBytes, usedBytes, until: Date.now() + FILES_KEPT_MS };
  }

  /**
   * Keeps a disk until its time is up or there is no room for it; `dropped` is told then, and the disk is gone. False when it
   * was dropped at once.
   */
  async keep(disk: KeptDisk, dropped: () => void): Promise<boolean> {
    await this.#parts.disks.rest(disk.place.name);
    const timer = setTimeout(
      () => void this.drop(disk.place),
      Math.max(0, Math.min(disk.until - Date.now(), FILES_KEPT_MS)),
    );
    this.#kept.set(disk.place.name, { ...disk, dropped, turns: new Turns(), timer: timer.unref() });
    this.#roomTimer ??= setInterval(() => void this.#makeRoom(), ROOM_LOOK_MS).unref();
    await this.#makeRoom();
    return this.#kept.has(disk.place.name);
  }

  /**
   * Has the files of a session at hand for as long as `work` runs. Rejects with `session-files-gone` where they are not kept.
   */
  async use<Result>(place: Place, work: (upper: string) => Promise<Result>): Promise<Result> {
    const kept = this.#kept.get(place.name);
    if (kept === undefined) throw gone();
    return await kept.turns.take(async () => {
      if (this.#kept.get(place.name) !== kept) throw gone();
      const disk = await this.#parts.disks.create(place.name, kept.diskBytes);
      try {
        const upper = upperOf(disk);
        await access(upper);
        return await work(upper);
      } finally {
        await this.#parts.disks.rest(place.name);
      }
    });
  }

  /** Deletes a disk once nobody uses it. Never rejects. */
  async drop(place: Place): Promise<void> {
    const kept = this.#kept.get(place.name);
    if (kept === undefined) return;
    this.#kept.delete(place.name);
    clearTimeout(kept.timer);
    await kept.turns.idle();
    await this.#parts.disks.remove(place.name).catch((error: unknown) => {
      this.#parts.log.error({ err: error, place: place.name }, "kept files could not be removed");
    });
    kept.dropped();
  }

  /** Stops the clocks; the disks stay for the next worker process. */
  release(): void {
    clearInterval(this.#roomTimer);
    for (const { timer } of this.#kept.values()) clearTimeout(timer);
  }

  async #makeRoom(): Promise<void> {
    for (;;) {
      const [oldest] = this.#kept.values();
      if (oldest === undefined || !(await this.#isFull())) return;
      await this.drop(oldest.place);
    }
  }

  async #isFull(): Promise<boolean> {
    const all = [...this.#kept.values()];
    const bytes = all.reduce((sum, { usedBytes }) => sum + usedBytes, 0);
    if (all.length > this.#limits.sessions || bytes > this.#limits.bytes) return true;
    return await checkFreeSpace(this.#parts.directory, 2 * RESERVED_BYTES).then(
      () => false,
      () => true,
    );
  }
}

const gone = (): SlipwayError =>
  new SlipwayError("session-files-gone", "The files of this session are not kept any more.");
