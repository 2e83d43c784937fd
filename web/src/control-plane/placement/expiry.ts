import { SlipwayError, sessionIdSchema } from "@slipway/protocol";
import type { ConnectedWorkers } from "../agents/connected-workers.ts";
import type { Database } from "../db/database.ts";
import { newCommandId } from "../ids.ts";
import { endBecause, type SessionLog } from "../session/session-log.ts";
import type { SessionCommands } from "./session-commands.ts";

/** Time that a worker has to end an expired session by itself; its report carries the better cause. */
const WORKER_EXPIRY_MS = 15_000;

export interface ExpiryOptions {
  readonly database: Database;
  readonly workers: ConnectedWorkers;
  readonly sessions: SessionLog;
  readonly commands: SessionCommands;
  readonly expireAt: (id: string, at: number) => Promise<void>;
}

/**
 * What happens when the time of a session is over. Its worker ends it by itself; this is for sessions that wait for a
 * worker, and for workers that are away or don't do it.
 */
export function createExpiry(options: ExpiryOptions) {
  const { database, workers, sessions, commands, expireAt } = options;
  return async (id: string): Promise<void> => {
    const session = await database.session.findUnique({ where: { id } });
    if (!session || session.state === "ended") return;
    const overdue = Date.now() - session.expiresAt.getTime();
    // The session was extended, and a later call is on its way.
    if (overdue < 0) return;
    const sessionId = sessionIdSchema.parse(id);
    if (session.state === "queued") {
      const error = new SlipwayError("no-worker", "No worker had room for the session in time.").toWire();
      await sessions.end(sessionId, endBecause("launch-failed", error), ["queued"]);
    } else if (overdue < WORKER_EXPIRY_MS) {
      await expireAt(id, session.expiresAt.getTime() + WORKER_EXPIRY_MS);
    } else if (!session.workerId || !workers.get(session.workerId)) {
      await sessions.end(sessionId, endBecause("expired"));
    } else {
      const data = { state: "stopping", stopCommandId: newCommandId() } as const;
      await database.session.updateMany({ where: { id, state: { in: ["starting", "running"] } }, data });
      const stopping = await database.session.findUnique({ where: { id } });
      if (stopping) commands.tell(stopping);
    }
  };
}
