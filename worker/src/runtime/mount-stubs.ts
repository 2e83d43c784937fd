import { closeSync, constants, fstatSync, readdirSync } from "node:fs";
import path from "node:path";
import { NativeError, openInRoot, unlinkAt } from "@slipway/native";

/** Where the bundle mounts something, the inner ones first. A runtime creates what is missing there. */
const MOUNT_POINTS = [
  "/etc/resolv.conf",
  "/etc/hosts",
  "/etc/hostname",
  "/etc",
  "/sys",
  "/proc",
  "/dev",
] as const;

/** File systems of the container's own: what is made in them is gone with them. */
const OWN = /^\/(dev|proc|sys)\//;

/** The mount points, usual ones and others, that the root file system doesn't have yet, the inner ones first. */
export function missingMountPoints(rootfs: string, others: readonly string[] = []): string[] {
  const points = new Set<string>();
  for (const other of others.filter((destination) => !OWN.test(destination))) {
    for (let point = other; point !== "/"; point = path.posix.dirname(point)) points.add(point);
  }
  const inner = [...points].sort((left, right) => right.length - left.length);
  return [...inner, ...MOUNT_POINTS].filter((point) => {
    try {
      closeSync(openInRoot(rootfs, point, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW));
      return false;
    } catch (error) {
      return error instanceof NativeError && error.code === "ENOENT";
    }
  });
}

/** Removes those that the runtime made and nobody filled, so that a build step's layer doesn't hold them. */
export function removeStubs(rootfs: string, points: readonly string[]): void {
  for (const point of points) {
    try {
      const parent = openInRoot(rootfs, path.dirname(point), constants.O_RDONLY | constants.O_DIRECTORY);
      try {
        removeIfEmpty(parent, path.basename(point));
      } finally {
        closeSync(parent);
      }
    } catch (error) {
      // A step may have removed or replaced it: then it is the step's own.
      if (!(error instanceof NativeError)) throw error;
    }
  }
}

function removeIfEmpty(parent: number, name: string): void {
  const entry = openInRoot(parent, name, constants.O_RDONLY | constants.O_NONBLOCK, 0, {
    symlinks: "refuse",
  });
  try {
    const status = fstatSync(entry);
    if (status.isDirectory() && readdirSync(`/proc/self/fd/${entry}`).length === 0) {
      unlinkAt(parent, name, { isDirectory: true });
    } else if (status.isFile() && status.size === 0) {
      unlinkAt(parent, name);
    }
  } finally {
    closeSync(entry);
  }
}
