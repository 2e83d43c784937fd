import { chmod, mkdir, readFile, rm, rmdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { mountOverlay, mountSysfs, NativeError, unmount } from "@slipway/native";
import { SlipwayError } from "@slipway/protocol";
import { z } from "zod";
import type { ContainerSpec } from "./runtime.ts";

/** Mounts stacked on one directory: one, or a few after kills; more is a defect. */
const MAX_STACKED_MOUNTS = 16;

/** What has to be known of a container after a restart of the worker. */
const recordSchema = z.object({ cgroup: z.string(), openFiles: z.number().int().positive() });
export type ContainerRecord = z.infer<typeof recordSchema>;

/**
 * A container's directory: config.json, the mount points `rootfs` and `sys`, and the files that are mounted over those
 * of the image. `container.json` comes first, so that whatever is half made can be removed.
 */
export class Bundle {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  get rootfs(): string {
    return path.join(this.directory, "rootfs");
  }

  file(name: string): string {
    return path.join(this.directory, name);
  }

  /** Makes the directory; one that exists already is an error. */
  async create(record: ContainerRecord): Promise<void> {
    // The container's root looks its own root file system up by path, from the ids of its range.
    await mkdir(this.directory, { mode: 0o711 });
    await chmod(this.directory, 0o711);
    await writeFile(this.file("container.json"), JSON.stringify(record), { mode: 0o600 });
  }

  async writeFiles(spec: ContainerSpec, config: object): Promise<void> {
    await Promise.all([
      writeFile(this.file("config.json"), JSON.stringify(config), { mode: 0o600 }),
      this.#writeMounted("hosts", spec.hostsFile),
      this.#writeMounted("hostname", `${spec.hostname}\n`),
      this.#writeMounted("resolv.conf", spec.resolvConf),
    ]);
  }

  /** Mounts the root file system and, for a network namespace of someone else, its sysfs. */
  async mount(spec: ContainerSpec, options: { volatile: boolean }): Promise<void> {
    await mkdir(this.rootfs);
    const lowers = [...spec.rootfs.lowers];
    if (lowers.length === 0) {
      // FROM scratch: overlayfs wants a lower layer.
      await mkdir(this.file("empty"));
      lowers.push(this.file("empty"));
    }
    await mountOverlay({
      lowers,
      upper: { directory: spec.rootfs.upper, work: spec.rootfs.work },
      target: this.rootfs,
      idRange: spec.ids,
      volatile: options.volatile,
    });
    if (spec.networkNamespace === null) return;
    await mkdir(this.file("sys"));
    await mountSysfs(spec.networkNamespace, this.file("sys"));
  }

  /** Null when the directory is missing or was left before its first file was whole. */
  async record(): Promise<ContainerRecord | null> {
    try {
      return recordSchema.parse(JSON.parse(await readFile(this.file("container.json"), "utf8")));
    } catch {
      return null;
    }
  }

  /** Unmounts and deletes it all. Idempotent. */
  async remove(): Promise<void> {
    for (const point of [this.file("sys"), this.rootfs]) {
      await unmountAll(point);
      // Not recursive: if anything were still mounted here, it must not be deleted.
      await rmdir(point).catch(ignoreMissing);
    }
    await rm(this.directory, { recursive: true, force: true });
  }

  /** Read by any user of the container, whose ids don't own it. */
  async #writeMounted(name: string, content: string): Promise<void> {
    await writeFile(this.file(name), content);
    await chmod(this.file(name), 0o644);
  }
}

async function unmountAll(point: string): Promise<void> {
  for (let count = 0; count < MAX_STACKED_MOUNTS; count += 1) {
    try {
      await unmount(point, { detach: true });
    } catch (error) {
      if (error instanceof NativeError && (error.code === "EINVAL" || error.code === "ENOENT")) return;
      throw error;
    }
  }
  throw new SlipwayError("internal", `Over ${MAX_STACKED_MOUNTS} mounts at ${point}.`);
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
}
