import { readFile, rm } from "node:fs/promises";
import path from "node:path";
import { unmount } from "@slipway/native";
import type { Disks } from "../disk/disk.ts";
import { BUILD_DISK_PREFIX } from "./build-space.ts";
import type { BuilderOptions } from "./builder.ts";

/**
 * Removes what a build of a killed worker left; `running` holds a directory for each. Its network goes with all networks
 * that no session knows; see session/resources.ts.
 */
export async function removeLeftOver(options: BuilderOptions, running: string, id: string): Promise<void> {
  const directory = path.join(running, id);
  // A mount must be gone before anything below is deleted.
  for (const mounted of await mountsBelow(directory)) await unmount(mounted, { detach: true });
  const containers = (await options.runtime.list()).filter((name) => name.startsWith(`build-${id}-`));
  for (const name of containers) await (await options.runtime.adopt(name))?.remove();
  const keys = options.snapshotter.activeKeys().filter((key) => key.startsWith(`build-${id}-`));
  for (const key of keys) await options.snapshotter.remove(key);
  await options.cgroups.remove(`build-${id}`);
  await rm(directory, { recursive: true, force: true });
}

/** Removes the disks of builds; those of cache mounts stay and are put down. */
export async function removeLeftDisks(disks: Disks): Promise<void> {
  for (const name of await disks.list())
    await (name.startsWith(BUILD_DISK_PREFIX) ? disks.remove(name) : disks.rest(name));
}

/** Mount points below a directory, the innermost first (proc_pid_mountinfo(5): spaces and the like are octal). */
async function mountsBelow(directory: string): Promise<string[]> {
  const lines = (await readFile("/proc/self/mountinfo", "utf8")).split("\n");
  return lines
    .map((line) =>
      (line.split(" ")[4] ?? "").replaceAll(/\\([0-7]{3})/g, (_, octal) =>
        String.fromCharCode(Number.parseInt(octal, 8)),
      ),
    )
    .filter((point) => point.startsWith(`${directory}/`))
    .reverse();
}
