import { readdir } from "node:fs/promises";
import path from "node:path";
import type { SessionParts } from "../parts.ts";
import { keeperId } from "./container-ids.ts";
import { mountsDirectory, removeMounts } from "./container-mounts.ts";
import { ContainerRecords, recordedPlaces } from "./container-records.ts";

/** What earlier worker processes left of further containers. */
export interface FurtherRemains {
  /** Ids of containers that belong to sessions which live on. */
  readonly kept: readonly string[];
  /** Removes keepers, mounts and records of all others that were there when it was looked. */
  removeOrphans(): Promise<void>;
}

/** @param alive names of places of sessions that live on */
export async function findFurther(parts: SessionParts, alive: ReadonlySet<string>): Promise<FurtherRemains> {
  const kept: string[] = [];
  const lost: ContainerRecords[] = [];
  for (const place of await recordedPlaces(parts.directory)) {
    const records = new ContainerRecords(parts.directory, place);
    if (alive.has(place)) kept.push(...(await records.readAll()).map(({ id }) => id));
    else lost.push(records);
  }
  const names = new Set(kept.map(keeperId));
  const keepers = (await parts.keepers.list()).filter((name) => !names.has(name));
  const mounts = await readdir(mountsDirectory(parts.directory)).catch(() => []);
  return {
    kept,
    async removeOrphans() {
      for (const records of lost) await records.removeAll();
      for (const name of keepers) await parts.keepers.remove(name);
      for (const name of mounts) {
        if (!names.has(name)) await removeMounts(parts.directory, path.basename(name));
      }
    },
  };
}
