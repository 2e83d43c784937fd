import { randomBytes, randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { allocateFile, removeTree } from "@slipway/native";
import { SlipwayError } from "@slipway/protocol";
import { errnoOf } from "../content/atomic-file.ts";
import type { Disk, Disks } from "../disk/disk.ts";
import type { Staging } from "../snapshot/snapshotter.ts";
import { type DiskLook, isFull, lookAfter } from "./disk-look.ts";

/** Disks of builds begin with this; what a kill leaves of them goes when the builder is opened. */
export const BUILD_DISK_PREFIX = "build-";
/** Layers hold what files say that they hold, holes included, and headers; together at most so many times the limit. */
const LAYERS_PER_LIMIT = 2;
/** Takes the room on the disk that was written elsewhere. */
const ELSEWHERE_FILE = "elsewhere";

/**
 * What all steps of one build may write together. What programs write (RUN, git) and what is fetched lies on a disk of the
 * build's own, made when the first one needs it, whose size is the limit: the kernel refuses what is more (ENOSPC). What
 * the worker itself writes to its own disk (COPY, ADD) is charged before, and takes the same room on the build's disk.
 *
 * Nothing comes back before the build's end: what is carried over into the store stays here as well. Then the disk goes as
 * one file. It goes when nobody holds it any more; a step of another build may stand on what a shared run wrote here.
 */
export class BuildSpace {
  readonly #disks: Disks;
  readonly #limitBytes: number;
  #disk: Promise<Disk> | null = null;
  #elsewhereBytes = 0;
  #layerBytes = 0;
  #holds = 1;
  /** Charges go one after the other. */
  #charging: Promise<void> = Promise.resolve();

  /** Held by the one who makes it, until `release`. */
  constructor(disks: Disks, limitBytes: number) {
    this.#disks = disks;
    this.#limitBytes = limitBytes;
  }

  /** Room for a snapshot that a program writes to. */
  async stage(): Promise<Staging> {
    const { directory } = await this.#onDisk();
    this.#holds += 1;
    return { directory, release: () => this.release() };
  }

  /** A new directory on the disk, for a step that holds the space; `removeDirectory` gives its room back. */
  async makeDirectory(): Promise<string> {
    const { directory } = await this.#onDisk();
    const made = path.join(directory, randomUUID());
    await mkdir(made, { mode: 0o711 });
    return made;
  }

  async removeDirectory(made: string): Promise<void> {
    await removeTree(made);
  }

  /** Before the worker writes so much to its own disk. Rejects with `build-disk-full`. */
  async charge(bytes: number): Promise<void> {
    const charged = this.#charging.then(() => this.#take(bytes));
    this.#charging = charged.catch(() => undefined);
    await charged;
  }

  /** Before so much of a layer is stored. Throws `build-disk-full`. */
  chargeLayer(bytes: number): void {
    this.#layerBytes += bytes;
    if (this.#layerBytes > this.#limitBytes * LAYERS_PER_LIMIT) throw this.full();
  }

  /** Runs what writes to the disk; what fails when that was full fails with `build-disk-full`. */
  async writing<Result>(work: () => Promise<Result>): Promise<Result> {
    const look = this.#disk === null ? null : lookAfter((await this.#disk).directory);
    try {
      return await work();
    } catch (error) {
      throw (await this.#wasFull(look)) ? this.full(error) : error;
    } finally {
      look?.stop();
    }
  }

  /** Before what failed is cleared away, the reason perhaps with it. Rejects with `build-disk-full` when the disk is full now. */
  async failed(cause: unknown): Promise<void> {
    if (await this.#wasFull(null)) throw this.full(cause);
  }

  /** What a step that found no room ends with. */
  full(cause?: unknown): SlipwayError {
    return new SlipwayError(
      "build-disk-full",
      `The steps of a build may write ${this.#limitBytes} bytes together.`,
      { params: { limit: this.#limitBytes }, cause },
    );
  }

  /** Lets go of it; the last one takes the disk away. */
  async release(): Promise<void> {
    this.#holds -= 1;
    if (this.#holds > 0 || this.#disk === null) return;
    const disk = await this.#disk.catch(() => null);
    if (disk) await this.#disks.remove(disk.name);
  }

  async #wasFull(look: DiskLook | null): Promise<boolean> {
    if (look !== null) return look.wasFull();
    // Made by the work itself.
    const disk = await this.#disk?.catch(() => null);
    return disk ? isFull(disk.directory) : false;
  }

  #onDisk(): Promise<Disk> {
    this.#disk ??= this.#make();
    return this.#disk;
  }

  async #make(): Promise<Disk> {
    const name = `${BUILD_DISK_PREFIX}${randomBytes(8).toString("hex")}`;
    const disk = await this.#disks.create(name, this.#limitBytes);
    // Charges of meanwhile wait: they find the disk.
    if (this.#elsewhereBytes > 0) await this.#takeOn(disk);
    return disk;
  }

  async #take(bytes: number): Promise<void> {
    this.#elsewhereBytes += bytes;
    if (this.#elsewhereBytes > this.#limitBytes) throw this.full();
    if (this.#disk !== null) await this.#takeOn(await this.#disk);
  }

  async #takeOn({ directory }: Disk): Promise<void> {
    try {
      await allocateFile(path.join(directory, ELSEWHERE_FILE), this.#elsewhereBytes);
    } catch (error) {
      throw errnoOf(error) === "ENOSPC" ? this.full(error) : error;
    }
  }
}
