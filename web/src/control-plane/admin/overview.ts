import type { ConnectedWorkers } from "../agents/connected-workers.ts";
import type { Database, Worker } from "../db/database.ts";
import { buildLoad, sessionLoad } from "../placement/load.ts";
import { LIVE_SESSION_STATES } from "../session/session-state.ts";
import type { AdminOverview, AdminWorker } from "./admin.ts";

const HOUR_MS = 60 * 60_000;
/** Workers that have been away for longer are not shown. */
const SHOW_ABSENT_MS = 30 * 24 * HOUR_MS;
/** Wait for what a worker says of its disk. */
const DISK_TIMEOUT_MS = 2_000;

/** How the whole place is at this moment. */
export async function readOverview(database: Database, workers: ConnectedWorkers): Promise<AdminOverview> {
  const [counts, storage, shown] = await Promise.all([
    readCounts(database),
    readStorage(database),
    readWorkers(database, workers),
  ]);
  return { ...counts, storage, workers: shown };
}

async function readCounts(database: Database) {
  const lastHour = { createdAt: { gt: new Date(Date.now() - HOUR_MS) } };
  const [queued, live, waiting, building, started, guests, users, playgrounds] = await Promise.all([
    database.session.count({ where: { state: "queued" } }),
    database.session.count({ where: { state: { in: LIVE_SESSION_STATES } } }),
    database.build.count({ where: { state: "queued" } }),
    database.build.count({ where: { state: "building" } }),
    database.build.count({ where: lastHour }),
    database.user.count({ where: { isAnonymous: true } }),
    database.user.count(),
    database.playground.count(),
  ]);
  return {
    sessions: { queued, live },
    builds: { queued: waiting, building, lastHour: started },
    users: { guests, members: users - guests },
    playgrounds,
  };
}

interface StorageRow {
  readonly database: bigint;
  readonly files: bigint;
  readonly events: bigint;
}

async function readStorage(database: Database): Promise<AdminOverview["storage"]> {
  const [row] = await database.$queryRaw<StorageRow[]>`
    SELECT pg_database_size(current_database()) AS database, pg_total_relation_size('playground_files') AS files,
      pg_total_relation_size('build_events') AS events`;
  return {
    databaseBytes: Number(row?.database ?? 0),
    fileBytes: Number(row?.files ?? 0),
    eventBytes: Number(row?.events ?? 0),
  };
}

async function readWorkers(database: Database, workers: ConnectedWorkers): Promise<AdminWorker[]> {
  const [rows, sessions, builds] = await Promise.all([
    database.worker.findMany({ orderBy: { id: "asc" } }),
    sessionLoad(database),
    buildLoad(database),
  ]);
  const recent = Date.now() - SHOW_ABSENT_MS;
  const shown = rows.filter(({ id, lastSeenAt }) => workers.get(id) || lastSeenAt.getTime() > recent);
  return Promise.all(
    shown.map(async (row: Worker) => ({
      id: row.id,
      version: row.version,
      runtime: `${row.runtimeName} ${row.runtimeVersion}`,
      hardened: row.hardened,
      connected: workers.get(row.id) !== undefined,
      draining: row.draining,
      lastSeenAt: row.lastSeenAt.getTime(),
      sessions: sessions.get(row.id) ?? 0,
      sessionCapacity: row.sessionCapacity,
      builds: builds.get(row.id) ?? 0,
      buildCapacity: row.buildCapacity,
      disk: await workers
        .query<"worker-disk">(row.id, { kind: "worker-disk" }, DISK_TIMEOUT_MS)
        .catch(() => null),
    })),
  );
}
