import {
  type SessionHostView,
  type SessionId,
  type SessionInside,
  type SessionUsage,
  SlipwayError,
} from "@slipway/protocol";
import type { ConnectedWorkers } from "../agents/connected-workers.ts";
import type { Database } from "../db/database.ts";

/**
 * What a session looks like while it runs, asked of its worker at every call. Callers have checked the ownership.
 * All reject with session-not-running, worker-lost and worker-busy.
 */
export interface SessionLooks {
  /** What it uses. */
  usage(id: SessionId): Promise<SessionUsage>;
  /** Its processes and containers, as both sides see them. */
  inside(id: SessionId): Promise<SessionInside>;
  /** What docker has made in it. */
  host(id: SessionId): Promise<SessionHostView>;
}

/** Longest wait for an answer; a page asks again by itself. */
const ANSWER_MS = 10_000;

export function createSessionLooks(options: {
  readonly database: Database;
  readonly workers: ConnectedWorkers;
}): SessionLooks {
  const { database, workers } = options;
  const workerOf = async (id: SessionId): Promise<string> => {
    const row = await database.session.findUnique({ where: { id }, select: { state: true, workerId: true } });
    if (row?.state === "running" && row.workerId !== null) return row.workerId;
    throw new SlipwayError("session-not-running", "The session does not run.");
  };
  return {
    async usage(id) {
      const query = { kind: "session-usage", session: id } as const;
      return await workers.query<"session-usage">(await workerOf(id), query, ANSWER_MS);
    },
    async inside(id) {
      const query = { kind: "session-inside", session: id } as const;
      return await workers.query<"session-inside">(await workerOf(id), query, ANSWER_MS);
    },
    async host(id) {
      const query = { kind: "session-host", session: id } as const;
      return await workers.query<"session-host">(await workerOf(id), query, ANSWER_MS);
    },
  };
}
