import {
  type EndCause,
  type SessionEnd,
  type SessionId,
  type SessionReport,
  type SessionState,
  sessionEndSchema,
  type WireError,
} from "@slipway/protocol";
import type { Database, Transaction } from "../db/database.ts";
import { encode } from "../db/documents.ts";
import type { Signals } from "../signals.ts";
import { maySessionBecome, sessionStatesBefore } from "./session-state.ts";
import { limitEventsSchema, portsSchema, terminalsSchema } from "./session-view.ts";

interface LockedSession {
  readonly state: SessionState;
  readonly worker_id: string | null;
  readonly revision: number;
  readonly started_at: Date | null;
  readonly stopped_by_operator: boolean;
}

/** An end without exit code and metric. */
export const endBecause = (cause: EndCause, error: WireError | null = null): SessionEnd => ({
  cause,
  exitCode: null,
  metric: null,
  error,
});

/** What is known of sessions, from workers and from here. The highest revision wins; an ended session stays ended. */
export class SessionLog {
  readonly #database: Database;
  readonly #signals: Signals;

  constructor(database: Database, signals: Signals) {
    this.#database = database;
    this.#signals = signals;
  }

  /** Takes a worker's report. Answers false when it brings nothing new or the session is not that worker's. */
  async apply(workerId: string, report: SessionReport): Promise<boolean> {
    const taken = await this.#database.$transaction(async (transaction) => {
      const session = await lock(transaction, report.sessionId);
      if (!session || session.worker_id !== workerId) return false;
      if (report.revision <= session.revision || report.state === "queued") return false;
      if (session.state === "ended" && report.state !== "ended") return false;
      await transaction.session.update({ where: { id: report.sessionId }, data: changes(session, report) });
      return true;
    });
    if (taken) this.#signals.notify(report.sessionId);
    return taken;
  }

  /** Ends a session from here. Answers false when it was over. `onlyIn`: only in these states. */
  async end(
    id: SessionId,
    end: SessionEnd,
    onlyIn: SessionState[] = sessionStatesBefore("ended"),
  ): Promise<boolean> {
    const { count } = await this.#database.session.updateMany({
      where: { id, state: { in: onlyIn.filter((state) => maySessionBecome(state, "ended")) } },
      data: {
        state: "ended",
        endedAt: new Date(),
        end: encode(sessionEndSchema, end),
        ports: "[]",
        paused: false,
      },
    });
    if (count > 0) this.#signals.notify(id);
    return count > 0;
  }
}

async function lock(transaction: Transaction, id: SessionId): Promise<LockedSession | null> {
  const rows = await transaction.$queryRaw<LockedSession[]>`
    SELECT state::text AS state, worker_id, revision, started_at, stopped_by_operator FROM sessions WHERE id = ${id} FOR UPDATE`;
  return rows[0] ?? null;
}

function changes(session: LockedSession, report: SessionReport) {
  const now = new Date();
  const kept = {
    revision: report.revision,
    limitEvents: encode(limitEventsSchema, report.limitEvents),
    filesKeptUntil: report.filesKeptUntil === null ? null : new Date(report.filesKeptUntil),
  };
  // Its end stays as it was told first; what is left of it may change.
  if (session.state === "ended") return kept;
  // A session that is being stopped here doesn't run again because its worker has not heard of it yet.
  const state = maySessionBecome(session.state, report.state) ? report.state : session.state;
  const ended = state === "ended";
  return {
    ...kept,
    state,
    paused: report.paused && state === "running",
    terminals: encode(terminalsSchema, report.terminals),
    ports: encode(portsSchema, ended ? [] : report.ports),
    ...(report.state === "running" && session.started_at === null ? { startedAt: now } : {}),
    ...(ended ? { endedAt: now, end: encode(sessionEndSchema, endOf(session, report)) } : {}),
  };
}

/** A worker that went while it stopped a session does not remember for whom it did. */
function endOf({ stopped_by_operator }: LockedSession, { end }: SessionReport): SessionEnd {
  if (end === null) return endBecause("worker-stopped");
  const forOperator = stopped_by_operator && end.cause === "stopped-by-owner";
  return forOperator ? { ...end, cause: "stopped-by-operator" } : end;
}
