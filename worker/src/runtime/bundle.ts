import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { makeDirectory, mountOverlay, mountSysfs, removeTree, unmountAll } from "@slipway/native";
import { z } from "zod";
import { configText, PROCESS_LIMITS } from "./process-limits.ts";
import type { ContainerSpec } from "./runtime.ts";

/** JSON has no infinity. */
const limitValue = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.POSITIVE_INFINITY);

/** What has to be known of a container after a restart of the worker. */
const recordSchema = z.object({
  cgroup: z.string(),
  openFiles: z.number().int().positive(),
  /** Of processes that are started later; that of open files alone where it is missing. */
  processLimits: z
    .array(z.object({ name: z.enum(PROCESS_LIMITS), soft: limitValue, hard: limitValue }))
    .optional(),
  /** Id of the container's root on this machine; 0 in what was written before this was known. */
  owner: z.number().int().nonnegative().default(0),
  /** Of processes that are started later; all where it is missing. */
  capabilities: z.array(z.string()).optional(),
});
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

  /**
   * Makes the directory with all its files; one that exists already is an error. The record comes first: where it is
   * missing, nothing else of the container exists.
   */
  async create(record: ContainerRecord, spec: ContainerSpec, config: object): Promise<void> {
    // The container's root looks its own root file system up by path, from the ids of its range, and any of its users
    // reads what is mounted over files of the image.
    await makeDirectory(this.directory, 0o711, [
      { name: "container.json", mode: 0o600, content: JSON.stringify(record) },
      { name: "config.json", mode: 0o600, content: configText(config) },
      { name: "hosts", mode: 0o644, content: spec.hostsFile },
      { name: "hostname", mode: 0o644, content: `${spec.hostname}\n` },
      { name: "resolv.conf", mode: 0o644, content: spec.resolvConf },
      { name: "rootfs", mode: 0o755 },
      // FROM scratch: overlayfs wants a lower layer.
      ...(spec.rootfs.lowers.length === 0 ? [{ name: "empty", mode: 0o755 }] : []),
      ...(spec.networkNamespace === null ? [] : [{ name: "sys", mode: 0o755 }]),
    ]);
  }

  /** Mounts the root file system and, for a network namespace of someone else, its sysfs. */
  async mount(spec: ContainerSpec, options: { volatile: boolean }): Promise<void> {
    const { lowers, upper, work } = spec.rootfs;
    const overlay = mountOverlay({
      lowers: lowers.length === 0 ? [this.file("empty")] : lowers,
      upper: { directory: upper, work },
      target: this.rootfs,
      idRange: spec.ids,
      volatile: options.volatile,
    });
    const sysfs = spec.networkNamespace === null ? null : mountSysfs(spec.networkNamespace, this.file("sys"));
    // Both to their end, or else the removal would race with the slower one.
    for (const mount of await Promise.allSettled([overlay, sysfs])) {
      if (mount.status === "rejected") throw mount.reason;
    }
  }

  /** Writes config.json again with more mounts, once it is known what the root file system holds. */
  async addMounts(config: { readonly mounts: readonly object[] }, mounts: readonly object[]): Promise<void> {
    if (mounts.length === 0) return;
    const whole = { ...config, mounts: [...config.mounts, ...mounts] };
    await writeFile(this.file("config.json"), configText(whole), { mode: 0o600 });
  }

  /** Null when the directory is missing or was left before its first file was whole. */
  async record(): Promise<ContainerRecord | null> {
    try {
      return recordSchema.parse(JSON.parse(await readFile(this.file("container.json"), "utf8")));
    } catch {
      return null;
    }
  }

  /** Takes both mounts out of sight; what still uses them keeps them. Idempotent. */
  async unmount(): Promise<void> {
    await Promise.all([unmountAll(this.file("sys")), unmountAll(this.rootfs)]);
  }

  /** Deletes the directory, once nothing is mounted in it. Idempotent. */
  async remove(): Promise<void> {
    await removeTree(this.directory);
  }
}
