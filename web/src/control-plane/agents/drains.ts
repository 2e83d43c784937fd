import type { Logger } from "pino";
import type { Database } from "../db/database.ts";
import type { ConnectedWorkers } from "./connected-workers.ts";

/** Another process's drain is heard after so long at most. */
const LOOK_MS = 5_000;

/** Keeps in mind which workers get nothing new, as the database has it. */
export async function followDrains(
  database: Database,
  workers: ConnectedWorkers,
  log: Logger,
): Promise<{ stop(): void }> {
  const look = async () => {
    const rows = await database.worker.findMany({ select: { id: true, draining: true } });
    for (const { id, draining } of rows) workers.setDraining(id, draining);
  };
  await look();
  const timer = setInterval(() => {
    look().catch((error: unknown) => log.error({ err: error }, "drained workers could not be read"));
  }, LOOK_MS).unref();
  return { stop: () => clearInterval(timer) };
}
