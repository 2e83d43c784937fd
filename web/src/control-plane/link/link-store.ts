import { setTimeout as sleep } from "node:timers/promises";
import {
  playgroundIdSchema,
  type SessionId,
  SlipwayError,
  sessionIdSchema,
  type TerminalId,
} from "@slipway/protocol";
import type { Database, Link } from "../db/database.ts";
import { newLinkId } from "../ids.ts";
import { viewOfSession } from "../session/session-view.ts";
import type { Tickets } from "../session/tickets.ts";
import type { Signals } from "../signals.ts";
import {
  type LinkGrant,
  type Links,
  type LinkView,
  MAX_LINKS,
  type OpenLink,
  type SharedSession,
} from "./link.ts";
import { isToken, newToken, tokenDigest } from "./tokens.ts";

/** Where links lead: LINK_PREFIX and the token. */
export const LINK_PREFIX = "/l/";
/** A token that opens nothing is told so after this time, whatever the reason; far more than the look takes. */
const REFUSAL_MS = 150;
/** Ticket of a viewer. Short, because a revoked link must not open anything for long. */
const VIEWER_TICKET_MS = 60_000;

export interface LinksOptions {
  readonly database: Database;
  readonly signals: Signals;
  readonly tickets: Tickets;
  readonly publicUrl: string;
}

export function createLinks(options: LinksOptions): Links {
  return new ControlPlaneLinks(options);
}

class ControlPlaneLinks implements Links {
  readonly #options: LinksOptions;

  constructor(options: LinksOptions) {
    this.#options = options;
  }

  async create(sessionId: SessionId, grant: LinkGrant) {
    const { database, publicUrl } = this.#options;
    const session = await database.session.findUnique({ where: { id: sessionId }, select: { state: true } });
    if (!session || session.state === "ended")
      throw new SlipwayError("session-missing", "The session has ended.");
    const valid = await database.link.count({ where: { sessionId, revokedAt: null } });
    if (valid >= MAX_LINKS) {
      throw new SlipwayError("link-limit", "The session has as many links as it may.", {
        params: { limit: MAX_LINKS },
      });
    }
    const token = newToken();
    const row = await database.link.create({
      data: {
        id: newLinkId(),
        sessionId,
        tokenDigest: tokenDigest(token),
        kind: grant.kind,
        port: grant.kind === "preview" ? grant.port : null,
        role: grant.kind === "terminal" ? grant.role : null,
      },
    });
    return { ...viewOf(row), url: new URL(`${LINK_PREFIX}${token}`, publicUrl).href };
  }

  async list(sessionId: SessionId): Promise<LinkView[]> {
    const rows = await this.#options.database.link.findMany({
      where: { sessionId, revokedAt: null },
      orderBy: { createdAt: "desc" },
      take: MAX_LINKS,
    });
    return rows.map(viewOf);
  }

  async revoke(sessionId: SessionId, id: string): Promise<void> {
    const { database, signals } = this.#options;
    const where = { id, sessionId, revokedAt: null };
    await database.link.updateMany({ where, data: { revokedAt: new Date() } });
    signals.notify(sessionId);
  }

  async open(token: string): Promise<OpenLink | null> {
    const refused = sleep(REFUSAL_MS);
    const link = await this.#find(token);
    if (!link) await refused;
    return link;
  }

  async *watch(token: string, signal: AbortSignal): AsyncGenerator<SharedSession, void> {
    const { database, signals } = this.#options;
    const opened = await this.#terminalLink(token);
    let last = "";
    for await (const _ of signals.watch(opened.sessionId, signal)) {
      const link = await this.#find(token);
      if (!link) return yield* this.#end(opened);
      const row = await database.session.findUniqueOrThrow({ where: { id: link.sessionId } });
      const shared = { ...sharedOf(viewOfSession(row)), role: opened.role };
      const text = JSON.stringify(shared);
      if (text !== last) yield shared;
      last = text;
    }
  }

  async terminalTicket(token: string, terminalId: TerminalId) {
    const { database, tickets } = this.#options;
    const { sessionId, role } = await this.#terminalLink(token);
    const row = await database.session.findUniqueOrThrow({ where: { id: sessionId } });
    const view = viewOfSession(row);
    if (!view.terminals.some((terminal) => terminal.terminalId === terminalId))
      throw new SlipwayError("terminal-missing", "The session has no such terminal.");
    const expiresAt = Math.min(Date.now() + VIEWER_TICKET_MS, view.expiresAt);
    const grant = { right: "terminal", session: sessionId, terminal: terminalId, role } as const;
    return { terminalId, ticket: await tickets.sign(grant, expiresAt), expiresAt };
  }

  /** The last word to a viewer: the session is over for them, because it has ended or the link was revoked. */
  async *#end({ sessionId, role }: TerminalLink): AsyncGenerator<SharedSession, void> {
    yield { sessionId, role, state: "ended", paused: false, expiresAt: Date.now(), terminals: [] };
  }

  async #terminalLink(token: string): Promise<TerminalLink> {
    const link = await this.open(token);
    if (link?.grant.kind !== "terminal")
      throw new SlipwayError("link-missing", "This link is not valid any more.");
    return { sessionId: link.sessionId, role: link.grant.role };
  }

  async #find(token: string): Promise<OpenLink | null> {
    const digest = tokenDigest(token.slice(0, 64));
    const row = await this.#options.database.link.findUnique({
      where: { tokenDigest: digest },
      include: { session: { select: { state: true, expiresAt: true, playgroundId: true } } },
    });
    if (!isToken(token) || !row || row.revokedAt !== null) return null;
    if (row.session.state === "ended" || row.session.expiresAt.getTime() < Date.now()) return null;
    return {
      id: row.id,
      sessionId: sessionIdSchema.parse(row.sessionId),
      playgroundId: playgroundIdSchema.parse(row.session.playgroundId),
      grant: grantOf(row),
    };
  }
}

interface TerminalLink {
  readonly sessionId: SessionId;
  readonly role: "view" | "drive";
}

const sharedOf = (view: ReturnType<typeof viewOfSession>): Omit<SharedSession, "role"> => ({
  sessionId: view.id,
  state: view.state,
  paused: view.paused,
  expiresAt: view.expiresAt,
  terminals: view.terminals,
});

const grantOf = (row: Link): LinkGrant =>
  row.kind === "preview"
    ? { kind: "preview", port: row.port ?? 0 }
    : { kind: "terminal", role: row.role ?? "view" };

const viewOf = (row: Link): LinkView => ({
  id: row.id,
  grant: grantOf(row),
  createdAt: row.createdAt.getTime(),
});
