import { mkdir } from "node:fs/promises";
import path from "node:path";
import type { LaunchRequest } from "@slipway/protocol";
import type { CgroupLimits } from "../cgroup/cgroup.ts";
import type { Disk } from "../disk/disk.ts";
import type { SessionNetwork } from "../network/network.ts";
import type { SessionParts } from "./parts.ts";
import type { Place } from "./place.ts";
import { networkPolicy } from "./resources.ts";

/** What a session stands on, whatever its image is. */
export interface Ground {
  readonly disk: Disk;
  readonly network: SessionNetwork;
}

/** What of a launch the ground depends on and can't be changed afterwards. */
export interface GroundShape {
  readonly diskBytes: number;
  readonly networkBytesPerSecond: number;
  readonly egress: LaunchRequest["egress"];
}

export const groundShape = ({ limits, egress }: LaunchRequest): GroundShape => ({
  diskBytes: limits.diskBytes,
  networkBytesPerSecond: limits.networkBytesPerSecond,
  egress,
});

/** Directories of the disk that the overlay of the main container writes to. */
export const upperOf = (disk: Disk): string => path.join(disk.directory, "upper");
export const workOf = (disk: Disk): string => path.join(disk.directory, "work");

/**
 * Makes network, disk and control group side by side, or finds them as they are. What a failure leaves is for the caller to
 * remove (removeResources): by then nothing is being made any more.
 */
export async function layGround(
  parts: SessionParts,
  place: Place,
  shape: GroundShape,
  group: CgroupLimits,
): Promise<Ground> {
  const [disk, network, made] = await Promise.allSettled([
    makeDisk(parts, place, shape.diskBytes),
    parts.network.create(place.name, networkPolicy({ egress: shape.egress, limits: shape }, place)),
    parts.cgroups.create(place.name, group),
  ]);
  if (disk.status === "rejected") throw disk.reason;
  if (network.status === "rejected") throw network.reason;
  if (made.status === "rejected") throw made.reason;
  return { disk: disk.value, network: network.value };
}

async function makeDisk(parts: SessionParts, place: Place, bytes: number): Promise<Disk> {
  const disk = await parts.disks.create(place.name, bytes);
  await mkdir(upperOf(disk), { mode: 0o755, recursive: true });
  await mkdir(workOf(disk), { mode: 0o700, recursive: true });
  return disk;
}
