import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { mountBind, mountOverlay, NativeError, O_PATH, openInRoot, unmountAll } from "@slipway/native";
import { makeMountPoints } from "../mount-points.ts";
import type { SessionParts } from "../parts.ts";
import type { HostGround } from "../session-host.ts";
import { makeFiles } from "./container-ground.ts";
import {
  bindsOf,
  directoryOf,
  makeDirectories,
  makeMounts,
  mountIndex,
  removeMounts,
} from "./container-mounts.ts";
import type { ContainerRecord } from "./container-records.ts";
import { lowersOf, type RunningContainer } from "./container-start.ts";

/** A container's files as a tree of this machine, in the ids of its session. */
export interface ShownFiles {
  /** The root file system alone. */
  readonly plain: string;
  /** The same with volumes and bind mounts in it, but with nothing that the runtime mounts: no /proc, no /dev, no tmpfs. */
  readonly whole: string;
}

const nameOf = (workerDirectory: string, id: string, name: "base" | "shown"): string =>
  path.join(directoryOf(workerDirectory, id), name);

/**
 * Shows the files of a container. While it runs that is its own mount, and otherwise one like that: there may be only one at a
 * time, since two overlays on one upper directory are undefined. `hideFiles` takes it away.
 */
export async function showFiles(
  parts: SessionParts,
  host: HostGround,
  record: ContainerRecord,
  running: RunningContainer | null,
): Promise<ShownFiles> {
  const { directory } = parts;
  const { id, order } = record;
  if (running === null) await mountStopped(parts, host, record);
  const plain = running?.container.rootfs ?? nameOf(directory, id, "base");
  if (bindsOf(order.mounts).length === 0) return { plain, whole: plain };
  const whole = nameOf(directory, id, "shown");
  await unmountAll(whole);
  await mkdir(whole, { recursive: true, mode: 0o700 });
  await mountBind({ source: plain, target: whole, idRange: null, readOnly: false });
  for (const { index, mount } of bindsOf(order.mounts)) {
    await showMount(mountIndex(directory, id, index), mount.target, whole, host);
  }
  return { plain, whole };
}

/** Idempotent. */
export async function hideFiles(parts: SessionParts, id: string, isRunning: boolean): Promise<void> {
  if (isRunning) await unmountAll(nameOf(parts.directory, id, "shown"));
  else await removeMounts(parts.directory, id);
}

async function mountStopped(parts: SessionParts, host: HostGround, { id, order }: ContainerRecord) {
  const { directory } = parts;
  const [files, lowers] = await Promise.all([makeFiles(host.disk, id), lowersOf(parts, order)]);
  await makeMounts(directory, host, id, order.mounts, lowers);
  const base = nameOf(directory, id, "base");
  await mkdir(base, { recursive: true, mode: 0o700 });
  await mountOverlay({
    lowers: [...lowers, makeMountPoints(directory)],
    upper: { directory: files.upper, work: files.work },
    target: base,
    idRange: host.ids,
  });
}

/** Puts one mount where it is in the container. What can't be there, as its target is of another kind, is left out. */
async function showMount(source: string, target: string, whole: string, host: HostGround): Promise<void> {
  const root = openSync(whole, O_PATH | constants.O_DIRECTORY);
  try {
    const place = openTarget(root, target, host);
    if (place === null) return;
    try {
      const from = openSync(source, O_PATH);
      const isSameKind = fstatSync(from).isDirectory() === fstatSync(place).isDirectory();
      closeSync(from);
      if (!isSameKind) return;
      await mountBind({ source, target: `/proc/self/fd/${place}`, idRange: null, readOnly: false });
    } finally {
      closeSync(place);
    }
  } finally {
    closeSync(root);
  }
}

/** A container that never ran has no mount points yet. */
function openTarget(root: number, target: string, host: HostGround): number | null {
  try {
    return openInRoot(root, target, O_PATH);
  } catch (error) {
    if (!(error instanceof NativeError)) throw error;
    if (error.code !== "ENOENT") return null;
  }
  try {
    makeDirectories(host, root, target);
    return openInRoot(root, target, O_PATH);
  } catch (error) {
    if (error instanceof NativeError) return null;
    throw error;
  }
}
