import { readdir } from "node:fs/promises";
import path from "node:path";
import type { SessionParts } from "../parts.ts";
import { keeperId } from "./container-ids.ts";
import { mountsDirectory, removeMounts } from "./container-mounts.ts";
import { ContainerRecords, recordedPlaces } from "./container-records.ts";

/**
 * Removes keepers, mounts and records of further containers that belong to no session of `alive` (names of places). Returns
 * the ids of those that do.
 */
export async function keepFurther(parts: SessionParts, alive: ReadonlySet<string>): Promise<string[]> {
  const kept: string[] = [];
  for (const place of await recordedPlaces(parts.directory)) {
    const records = new ContainerRecords(parts.directory, place);
    if (alive.has(place)) kept.push(...(await records.readAll()).map(({ id }) => id));
    else await records.removeAll();
  }
  const names = new Set(kept.map(keeperId));
  for (const name of await parts.keepers.list()) if (!names.has(name)) await parts.keepers.remove(name);
  for (const name of await readdir(mountsDirectory(parts.directory)).catch(() => [])) {
    if (!names.has(name)) await removeMounts(parts.directory, path.basename(name));
  }
  return kept;
}
