import {
  type EgressPolicy,
  imageSummarySchema,
  PREVIEW_ENTER_PATH,
  previewHost,
  type SessionId,
  type SessionLimits,
  SlipwayError,
  sessionIdSchema,
  sessionLimitsSchema,
} from "@slipway/protocol";
import type { Database, Session } from "../db/database.ts";
import { decode, encode } from "../db/documents.ts";
import { newCommandId, newSessionId, newTerminalId } from "../ids.ts";
import type { Signals } from "../signals.ts";
import type { LaunchOrder, Sessions, SessionView } from "./session.ts";
import { endBecause, type SessionLog } from "./session-log.ts";
import { LIVE_SESSION_STATES } from "./session-state.ts";
import { viewOfSession } from "./session-view.ts";
import { TERMINAL_TICKET_MS, type Tickets } from "./tickets.ts";

export interface SessionPolicy {
  readonly limits: SessionLimits;
  readonly egress: EgressPolicy;
  /** Time of a session, of one extension, and of a session with all its extensions. */
  readonly sessionMs: number;
  readonly extendMs: number;
  readonly maxMs: number;
  /** Most live sessions of one person. */
  readonly perPerson: number;
}

export interface SessionServiceOptions {
  readonly database: Database;
  readonly signals: Signals;
  readonly log: SessionLog;
  readonly tickets: Tickets;
  readonly policy: SessionPolicy;
  readonly publicUrl: string;
  readonly previewDomain: string;
  /** Puts a queued session in front of the workers. */
  readonly submit: (id: SessionId) => Promise<void>;
  /** Sends the worker of the session what it has not acknowledged yet: a stop, an extension. */
  readonly tell: (session: Session) => void;
  /** Sees to it that the session ends at this time, milliseconds since the epoch. */
  readonly expireAt: (id: SessionId, at: number) => Promise<void>;
}

export function createSessions(options: SessionServiceOptions): Sessions {
  return new ControlPlaneSessions(options);
}

class ControlPlaneSessions implements Sessions {
  readonly #options: SessionServiceOptions;

  constructor(options: SessionServiceOptions) {
    this.#options = options;
  }

  async launch(ownerId: string, order: LaunchOrder): Promise<SessionView> {
    const { submit, expireAt } = this.#options;
    const { row, created, replaced } = await this.#order(ownerId, order);
    for (const earlier of replaced) await this.stop(earlier);
    if (!created) return viewOfSession(row);
    const id = sessionIdSchema.parse(row.id);
    await expireAt(id, row.expiresAt.getTime());
    await submit(id);
    return this.get(id);
  }

  /** Writes the session down, or finds the one that answers the order already. Orders of one person wait for each other. */
  async #order(ownerId: string, order: LaunchOrder) {
    const { database, policy } = this.#options;
    const { playgroundId, start } = order;
    return database.$transaction(async (transaction) => {
      await transaction.$queryRaw`SELECT 1 FROM users WHERE id = ${ownerId} FOR UPDATE`;
      const build = await transaction.build.findFirst({
        where: { playgroundId, state: "succeeded" },
        orderBy: { createdAt: "desc" },
      });
      if (!build?.image)
        throw new SlipwayError("image-missing", "There is no successful build to launch yet.");
      const living = await transaction.session.findMany({
        where: { playground: { ownerId }, state: { in: LIVE_SESSION_STATES } },
        orderBy: { createdAt: "desc" },
      });
      const here = living.filter((row) => row.playgroundId === playgroundId);
      const same = here.find(
        (row) => row.buildId === build.id && row.start === start && row.state !== "stopping",
      );
      if (same) return { row: same, created: false, replaced: [] };
      if (living.length - here.length >= policy.perPerson) {
        throw new SlipwayError("session-limit", "You hold as many sessions as one person may.", {
          params: { limit: policy.perPerson },
        });
      }
      const row = await transaction.session.create({
        data: {
          id: newSessionId(),
          playgroundId,
          buildId: build.id,
          start,
          expiresAt: new Date(Date.now() + policy.sessionMs),
          image: decode(imageSummarySchema, build.image).digest,
          limits: encode(sessionLimitsSchema, policy.limits),
          egress: policy.egress,
          rows: order.size.rows,
          cols: order.size.cols,
          mainTerminalId: newTerminalId(),
          shellTerminalId: newTerminalId(),
        },
      });
      return { row, created: true, replaced: here.map((earlier) => sessionIdSchema.parse(earlier.id)) };
    });
  }

  async stop(id: SessionId): Promise<SessionView> {
    const { database, log, signals, tell } = this.#options;
    const ended = await log.end(id, endBecause("stopped-by-owner"), ["queued"]);
    if (!ended) {
      const { count } = await database.session.updateMany({
        where: { id, state: { in: ["starting", "running"] } },
        data: { state: "stopping", stopCommandId: newCommandId() },
      });
      if (count > 0) {
        signals.notify(id);
        tell(await this.#row(id));
      }
    }
    return this.get(id);
  }

  async extend(id: SessionId): Promise<SessionView> {
    const { database, policy, signals, tell, expireAt } = this.#options;
    const row = await this.#alive(id);
    const latest = row.createdAt.getTime() + policy.maxMs;
    const expiresAt = Math.min(row.expiresAt.getTime() + policy.extendMs, latest);
    if (expiresAt > row.expiresAt.getTime()) {
      await database.session.updateMany({
        where: { id, state: { in: LIVE_SESSION_STATES } },
        data: { expiresAt: new Date(expiresAt), extendCommandId: newCommandId() },
      });
      await expireAt(id, expiresAt);
      signals.notify(id);
      tell(await this.#row(id));
    }
    return this.get(id);
  }

  async get(id: SessionId): Promise<SessionView> {
    return viewOfSession(await this.#row(id));
  }

  async *watch(id: SessionId, signal: AbortSignal): AsyncGenerator<SessionView, void> {
    let last = "";
    for await (const _ of this.#options.signals.watch(id, signal)) {
      const view = await this.get(id);
      const text = JSON.stringify(view);
      if (text !== last) yield view;
      last = text;
      if (view.state === "ended") return;
    }
  }

  async terminalTicket(id: SessionId, terminalId: string) {
    const view = await this.get(id);
    const terminal = view.terminals.find((one) => one.terminalId === terminalId);
    if (!terminal) throw new SlipwayError("terminal-missing", "The session has no such terminal.");
    const expiresAt = Date.now() + TERMINAL_TICKET_MS;
    // What an ended session printed can still be read for a while.
    const role = view.state === "ended" ? "view" : "drive";
    const grant = { right: "terminal", session: id, terminal: terminal.terminalId, role } as const;
    const ticket = await this.#options.tickets.sign(grant, expiresAt);
    return { ticket, expiresAt };
  }

  async previewUrl(id: SessionId, port: number): Promise<string> {
    const { tickets, publicUrl, previewDomain } = this.#options;
    const row = await this.#alive(id);
    const ticket = await tickets.sign({ right: "port", session: id, port }, row.expiresAt.getTime());
    const { protocol } = new URL(publicUrl);
    const host = previewHost(port, sessionIdSchema.parse(id), previewDomain);
    const url = new URL(PREVIEW_ENTER_PATH, `${protocol}//${host}`);
    url.searchParams.set("ticket", ticket);
    url.searchParams.set("to", "/");
    return url.href;
  }

  async #row(id: SessionId): Promise<Session> {
    const row = await this.#options.database.session.findUnique({ where: { id } });
    if (!row) throw new SlipwayError("session-missing", "There is no such session.");
    return row;
  }

  async #alive(id: SessionId): Promise<Session> {
    const row = await this.#row(id);
    if (row.state === "ended") throw new SlipwayError("session-missing", "The session has ended.");
    return row;
  }
}
