import { mkdir } from "node:fs/promises";
import path from "node:path";
import { removeTree } from "@slipway/native";
import type { Disk } from "../../disk/disk.ts";
import { keeperId } from "./container-ids.ts";

/** What a container has on the disk of its session, so that all of it counts there. */
export interface ContainerFiles {
  readonly upper: string;
  readonly work: string;
  readonly log: string;
}

const directoryOf = (disk: Disk, id: string): string => path.join(disk.directory, "containers", keeperId(id));

export function filesOf(disk: Disk, id: string): ContainerFiles {
  const directory = directoryOf(disk, id);
  return {
    upper: path.join(directory, "upper"),
    work: path.join(directory, "work"),
    log: path.join(directory, "log"),
  };
}

/** Idempotent. */
export async function makeFiles(disk: Disk, id: string): Promise<ContainerFiles> {
  const files = filesOf(disk, id);
  await mkdir(files.upper, { recursive: true, mode: 0o755 });
  await mkdir(files.work, { recursive: true, mode: 0o700 });
  return files;
}

/** A missing one is no error. */
export async function removeFiles(disk: Disk, id: string): Promise<void> {
  await removeTree(directoryOf(disk, id));
}

/** As a client is shown it. */
export const volumeMountpoint = (name: string): string => `/var/lib/docker/volumes/${name}/_data`;
