import type { ConnectedWorkers } from "../agents/connected-workers.ts";
import type { Database } from "../db/database.ts";
import { sessionLoad } from "../placement/load.ts";
import { baseImagesOf } from "./base-images.ts";
import type { SystemStatus } from "./system.ts";

/** Workers that are away are shown for this long. */
const SHOW_ABSENT_MS = 24 * 60 * 60_000;

export function createSystemStatus(
  database: Database,
  workers: ConnectedWorkers,
  version: string,
): SystemStatus {
  return {
    async get() {
      const load = await sessionLoad(database);
      const rows = await database.worker.findMany({ orderBy: { id: "asc" } });
      const recent = Date.now() - SHOW_ABSENT_MS;
      const shown = rows.filter((row) => workers.get(row.id) || row.lastSeenAt.getTime() > recent);
      return {
        version,
        workers: shown.map((row) => ({
          id: row.id,
          runtime: `${row.runtimeName} ${row.runtimeVersion}`,
          hardened: row.hardened,
          sessions: load.get(row.id) ?? 0,
          capacity: row.sessionCapacity,
          connected: workers.get(row.id) !== undefined,
        })),
      };
    },

    baseImages: () => baseImagesOf(workers.list().map(({ hello }) => hello.baseImages)),
  };
}
