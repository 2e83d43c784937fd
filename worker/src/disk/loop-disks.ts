import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, rename, rm, stat, statfs, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { copySparse, mountLoop, NativeError, unmount } from "@slipway/native";
import { SlipwayError } from "@slipway/protocol";
import { runProgram } from "../process/program.ts";
import type { Disk, Disks, DiskUsage, OccupiedSpace } from "./disk.ts";
import { checkFreeSpace, RESERVED_BYTES } from "./free-space.ts";

const NAME_PATTERN = /^[a-z0-9][a-z0-9-]{0,39}$/;
/** Below this ext4 has no room for anything but itself. */
const MIN_BYTES = 4 * 1024 * 1024;
/** One inode per this many bytes, mke2fs' own default: the limit on the number of files. */
const BYTES_PER_INODE = 16_384;
/** The same for small disks, whose default is less: a device below may have sectors of this size, and I/O is direct. */
const BLOCK_BYTES = 4096;
const FORMAT_TIMEOUT_MS = 60_000;
/** s_state in the superblock of ext4 (kernel, filesystems/ext4/super.rst), little-endian; bit 0: it was unmounted. */
const STATE_OFFSET = 1024 + 0x3a;
const STATE_CLEAN = 1;
/** A process of the container that is just ending may still hold a file. */
const UNMOUNT_ATTEMPTS = 20;
const UNMOUNT_DELAY_MS = 10;
/**
 * discard: what is deleted inside is given back to the host. noinit_itable: the inode tables are holes of the image,
 * so that nothing need be zeroed. errors=continue: a full host must not turn the disk read-only.
 */
const MOUNT_OPTIONS = "discard,noinit_itable,errors=continue";

/**
 * Disks as ext4 images on loop devices, for file systems without project quota. An image is sparse, so it takes what
 * it holds; its size is the hard limit, and so is its number of inodes. Loop devices go past the page cache of the image, so
 * that what is written is kept in memory once, in the group of who writes. Without a journal: after a crash of the
 * machine its session is gone anyway.
 *
 *     templates/<bytes>.img    images/<name>.img    mounts/<name>/    scrap/<uuid>
 */
export class LoopDisks implements Disks {
  readonly #directory: string;
  /** Templates that are being made, so that two disks of a new size make one. */
  readonly #templates = new Map<number, Promise<string>>();

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /** Opens the disks below `directory`, which one process uses at a time; mounted ones stay so. */
  static async open(directory: string): Promise<LoopDisks> {
    for (const part of ["templates", "images", "mounts", "scrap"]) {
      await mkdir(path.join(directory, part), { recursive: true, mode: 0o700 });
    }
    for (const name of await readdir(path.join(directory, "scrap")))
      await rm(path.join(directory, "scrap", name));
    return new LoopDisks(directory);
  }

  async create(name: string, limitBytes: number): Promise<Disk> {
    checkName(name);
    if (limitBytes < MIN_BYTES) throw new SlipwayError("internal", `A disk has at least ${MIN_BYTES} bytes.`);
    const image = this.#image(name);
    const target = this.#mountPoint(name);
    const isNew = !(await exists(image));
    try {
      if (isNew) {
        // Images are sparse: a session must not be promised what the machine does not have.
        await checkFreeSpace(this.#directory, RESERVED_BYTES);
        await this.#createImage(image, limitBytes);
      }
      await mkdir(target, { recursive: true, mode: 0o700 });
      if (!(await isMountPoint(target))) {
        await mountLoop({ image, target, type: "ext4", options: MOUNT_OPTIONS });
      }
    } catch (error) {
      // What was there before keeps its files.
      if (isNew) await this.remove(name);
      throw asDiskFull(error);
    }
    return { name, directory: target, usage: () => usage(target) };
  }

  async rest(name: string): Promise<void> {
    checkName(name);
    const target = this.#mountPoint(name);
    if (await isMountPoint(target)) await unmountPatiently(target);
    await rm(target, { recursive: true, force: true });
  }

  async remove(name: string): Promise<void> {
    await this.rest(name);
    await rm(this.#image(name), { force: true });
  }

  async list(): Promise<string[]> {
    const names = new Set<string>();
    for (const file of await readdir(path.join(this.#directory, "images")))
      names.add(path.basename(file, ".img"));
    for (const directory of await readdir(path.join(this.#directory, "mounts"))) names.add(directory);
    return [...names];
  }

  async occupied(name: string): Promise<OccupiedSpace | null> {
    checkName(name);
    if (!(await exists(this.#image(name)))) return null;
    const { blocks, mtimeMs } = await stat(this.#image(name));
    return { bytes: blocks * 512, writtenMs: mtimeMs };
  }

  async isTorn(name: string): Promise<boolean> {
    checkName(name);
    if (!(await exists(this.#image(name))) || (await isMountPoint(this.#mountPoint(name)))) return false;
    const image = await open(this.#image(name));
    try {
      const state = new Uint8Array(2);
      await image.read(state, 0, state.length, STATE_OFFSET);
      return ((state[0] ?? 0) & STATE_CLEAN) === 0;
    } finally {
      await image.close();
    }
  }

  /** A rename at the end, so that an image is whole or not there. */
  async #createImage(image: string, limitBytes: number): Promise<void> {
    const draft = this.#scrap();
    try {
      await copySparse(await this.#template(limitBytes), draft);
      await rename(draft, image);
    } finally {
      await rm(draft, { force: true });
    }
  }

  async #template(limitBytes: number): Promise<string> {
    let template = this.#templates.get(limitBytes);
    if (template === undefined) {
      template = this.#makeTemplate(limitBytes);
      this.#templates.set(limitBytes, template);
      template.catch(() => this.#templates.delete(limitBytes));
    }
    return await template;
  }

  async #makeTemplate(limitBytes: number): Promise<string> {
    const file = path.join(this.#directory, "templates", `${limitBytes}.img`);
    if (await exists(file)) return file;
    const draft = this.#scrap();
    await writeFile(draft, "", { mode: 0o600 });
    await truncate(draft, limitBytes);
    const extended = "lazy_itable_init=1,nodiscard,root_owner=0:0";
    const features = [
      "-O",
      "^has_journal,^resize_inode",
      "-m",
      "0",
      "-b",
      String(BLOCK_BYTES),
      "-i",
      String(BYTES_PER_INODE),
      "-E",
      extended,
    ];
    await runProgram(["mke2fs", "-q", "-t", "ext4", ...features, draft], { timeoutMs: FORMAT_TIMEOUT_MS });
    await rename(draft, file);
    return file;
  }

  #scrap(): string {
    return path.join(this.#directory, "scrap", randomUUID());
  }

  #image(name: string): string {
    return path.join(this.#directory, "images", `${name}.img`);
  }

  #mountPoint(name: string): string {
    return path.join(this.#directory, "mounts", name);
  }
}

async function usage(directory: string): Promise<DiskUsage> {
  const { bsize, blocks, bfree, bavail, files, ffree } = await statfs(directory);
  const used = blocks - bfree;
  return {
    usedBytes: used * bsize,
    // ext4 keeps up to a fiftieth for itself (fs/ext4/super.c, ext4_set_resv_clusters), free but not available.
    limitBytes: (used + bavail) * bsize,
    usedInodes: files - ffree,
    limitInodes: files,
  };
}

/** A mount point is on another device than the directory that holds it. */
async function isMountPoint(directory: string): Promise<boolean> {
  if (!(await exists(directory))) return false;
  const [own, parent] = await Promise.all([stat(directory), stat(path.dirname(directory))]);
  return own.dev !== parent.dev;
}

/** In the end the mount is detached: its device is then freed as soon as the last user is gone. */
async function unmountPatiently(target: string): Promise<void> {
  for (let attempt = 0; attempt < UNMOUNT_ATTEMPTS; attempt += 1) {
    try {
      await unmount(target);
      return;
    } catch (error) {
      if (!(error instanceof NativeError && error.code === "EBUSY")) throw error;
      await sleep(UNMOUNT_DELAY_MS);
    }
  }
  await unmount(target, { detach: true });
}

async function exists(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw error;
  }
}

function asDiskFull(error: unknown): unknown {
  if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) return error;
  return new SlipwayError("disk-full", "The worker's own disk is full.", { cause: error });
}

function checkName(name: string): void {
  if (!NAME_PATTERN.test(name)) throw new SlipwayError("internal", `Not the name of a disk: ${name}`);
}
