import {
  type LaunchRequest,
  type SessionId,
  type SessionReport,
  SlipwayError,
  type TerminalId,
} from "@slipway/protocol";
import type { Terminal } from "../terminal/terminal.ts";
import { adopt } from "./adopt.ts";
import { LiveSession } from "./live-session.ts";
import type { SessionParts } from "./parts.ts";
import type { SessionRecord, SessionRecords } from "./record.ts";
import { removeOrphans, removeTerminals } from "./resources.ts";
import type { Sessions } from "./session.ts";

/** How long an ended session's terminals can still be read. */
export const ENDED_KEEP_MS = 15 * 60_000;

export interface SessionsOptions {
  readonly parts: SessionParts;
  readonly records: SessionRecords;
  readonly maxSessions: number;
  readonly onReport: (report: SessionReport) => void;
}

export function createSessions(options: SessionsOptions): Sessions {
  return new WorkerSessions(options);
}

class WorkerSessions implements Sessions {
  readonly #options: SessionsOptions;
  readonly #sessions = new Map<SessionId, LiveSession>();
  readonly #forgetting = new Map<SessionId, NodeJS.Timeout>();

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  async launch(request: LaunchRequest): Promise<void> {
    if (this.#sessions.has(request.sessionId)) return;
    const { parts, records, maxSessions } = this.#options;
    if (this.#alive().length >= maxSessions) {
      throw new SlipwayError("worker-full", "This worker holds as many sessions as it may.", {
        params: { limit: maxSessions },
      });
    }
    const record: SessionRecord = {
      request,
      slot: parts.ids.take(),
      endedAt: null,
      args: [],
      report: {
        sessionId: request.sessionId,
        revision: 0,
        state: "starting",
        terminals: [],
        ports: [],
        paused: false,
        limitEvents: [],
        filesKeptUntil: null,
        end: null,
      },
    };
    const session = this.#add(record);
    await records.write(record);
    this.#options.onReport(record.report);
    void session.start();
  }

  async stop(id: SessionId): Promise<void> {
    await this.#sessions.get(id)?.end({ cause: "stopped-by-owner" });
  }

  async extend(id: SessionId, expiresAt: number): Promise<void> {
    const session = this.#sessions.get(id);
    if (!session) throw new SlipwayError("session-missing", "This worker does not know the session.");
    await session.extend(expiresAt);
  }

  async keepOnly(wanted: ReadonlySet<SessionId>): Promise<void> {
    const unwanted = this.#alive().filter((session) => !wanted.has(session.id));
    await Promise.all(unwanted.map((session) => session.end({ cause: "stopped-by-owner" })));
  }

  reports(): SessionReport[] {
    return [...this.#sessions.values()].map((session) => session.report);
  }

  get count(): number {
    return this.#alive().length;
  }

  acknowledged(report: SessionReport): void {
    if (report.state === "ended") this.#forgetLater(report.sessionId);
  }

  terminal(session: SessionId, terminal: TerminalId): Terminal | null {
    return this.#sessions.get(session)?.terminal(terminal) ?? null;
  }

  address(session: SessionId): string | null {
    return this.#sessions.get(session)?.address ?? null;
  }

  async recover(): Promise<void> {
    const { parts, records } = this.#options;
    const found = await records.readAll((file, error) => {
      parts.log.error({ err: error, file }, "a session's record cannot be read; its resources are removed");
    });
    for (const record of found) if (record.endedAt === null) parts.ids.claim(record.slot);
    await removeOrphans(parts, found);
    await Promise.all(found.map((record) => adopt(parts, record, this.#add(record))));
  }

  async endAll(): Promise<void> {
    await Promise.all(this.#alive().map((session) => session.end({ cause: "worker-stopped" })));
  }

  release(): void {
    for (const session of this.#sessions.values()) session.release();
    for (const timer of this.#forgetting.values()) clearTimeout(timer);
  }

  #alive(): LiveSession[] {
    return [...this.#sessions.values()].filter((session) => session.report.state !== "ended");
  }

  #add(record: SessionRecord): LiveSession {
    const { parts, records, onReport } = this.#options;
    const session = new LiveSession(parts, records, record, onReport);
    this.#sessions.set(session.id, session);
    return session;
  }

  #forgetLater(id: SessionId): void {
    if (this.#forgetting.has(id)) return;
    this.#forgetting.set(id, setTimeout(() => void this.#forget(id), ENDED_KEEP_MS).unref());
  }

  async #forget(id: SessionId): Promise<void> {
    const session = this.#sessions.get(id);
    this.#forgetting.delete(id);
    if (!session) return;
    this.#sessions.delete(id);
    await removeTerminals(this.#options.parts, session.record);
    await this.#options.records.remove(id);
  }
}
