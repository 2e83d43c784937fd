import {
  dockerPath,
  exportPath,
  MAX_TERMINALS,
  type PlaygroundId,
  PREVIEW_ENTER_PATH,
  previewHost,
  type Reply,
  type SessionId,
  SlipwayError,
  type StopCause,
  sessionIdSchema,
  type TerminalId,
  type TerminalSize,
  type TicketGrant,
  terminalIdSchema,
} from "@slipway/protocol";
import type { Logger } from "pino";
import type { Database, Session } from "../db/database.ts";
import { newCommandId, newTerminalId } from "../ids.ts";
import type { Signals } from "../signals.ts";
import type { LaunchBook } from "./launch.ts";
import { queuePlace } from "./launch-queue.ts";
import type {
  DockerAddress,
  FilesTicket,
  LaunchAnswer,
  LaunchOrder,
  OpenedStep,
  Sessions,
  SessionView,
  StepOrder,
  TerminalTicket,
} from "./session.ts";
import { endBecause, type SessionLog } from "./session-log.ts";
import type { SessionPolicy } from "./session-policy.ts";
import { LIVE_SESSION_STATES } from "./session-state.ts";
import { viewOfSession } from "./session-view.ts";
import { EXPORT_TICKET_MS, FILES_TICKET_MS, TERMINAL_TICKET_MS, type Tickets } from "./tickets.ts";

/** What workers are told of sessions. Everything is in the database before, and is told again until it is answered. */
export interface SessionOrders {
  /** Sends the worker what it has not acknowledged of the session; does not wait. */
  tell(session: Session): void;
  /** Each answers what the worker answered; null when it is away or did not answer yet. */
  pause(session: Session): Promise<Reply | null>;
  openTerminal(session: Session, orderId: string): Promise<Reply | null>;
}

/** From a launch until its end is arranged; a process that does not live so long leaves that to its next start. */
const ARM_DELAY_MS = 500;

export interface SessionServiceOptions {
  readonly database: Database;
  readonly signals: Signals;
  readonly log: SessionLog;
  readonly book: LaunchBook;
  /** Has the files of a step of the playground's build made ready to be launched. */
  readonly openStep: (playgroundId: PlaygroundId, step: StepOrder) => Promise<OpenedStep>;
  readonly tickets: Tickets;
  readonly orders: SessionOrders;
  readonly policy: SessionPolicy;
  readonly publicUrl: string;
  readonly previewDomain: string;
  /** Puts a queued session in front of the workers. */
  readonly submit: (id: SessionId) => Promise<void>;
  /** Sees to it that the session ends at this time, milliseconds since the epoch. */
  readonly expireAt: (id: SessionId, at: number) => Promise<void>;
  readonly logger: Logger;
}

export function createSessions(options: SessionServiceOptions): Sessions {
  return new ControlPlaneSessions(options);
}

class ControlPlaneSessions implements Sessions {
  readonly #options: SessionServiceOptions;

  constructor(options: SessionServiceOptions) {
    this.#options = options;
  }

  async launch(ownerId: string, order: LaunchOrder): Promise<LaunchAnswer> {
    const { book, orders, submit, signals, openStep } = this.#options;
    const opened = order.step === null ? null : await openStep(order.playgroundId, order.step);
    const { row, created, replaced } = await book.write(ownerId, order, opened);
    const id = sessionIdSchema.parse(row.id);
    // First of all the worker; a start of this process arms the end of what was interrupted here.
    if (created) orders.tell(row);
    if (created) this.#arm(id, row.expiresAt);
    for (const earlier of replaced) {
      signals.notify(earlier);
      orders.tell(await this.#row(earlier));
    }
    if (created && row.state === "queued") await submit(id);
    const ticket = (terminalId: string) => this.#ticket(id, terminalIdSchema.parse(terminalId), "drive");
    const [terminal, shell] = await Promise.all([
      ticket(row.mainTerminalId),
      row.expectsShell ? ticket(row.shellTerminalId) : null,
    ]);
    return { ...(await this.#view(row)), terminal, shell };
  }

  stop(id: SessionId): Promise<SessionView> {
    return this.#stop(id, "stopped-by-owner");
  }

  async stopByOperator(id: SessionId, reason: string): Promise<void> {
    await this.#options.database.session.updateMany({
      where: { id, state: { in: ["queued", "starting", "running"] } },
      data: { stoppedByOperator: true, stopReason: reason === "" ? null : reason },
    });
    await this.#stop(id, "stopped-by-operator");
  }

  async #stop(id: SessionId, cause: StopCause): Promise<SessionView> {
    const { database, log, signals, orders } = this.#options;
    const ended = await log.end(id, endBecause(cause), ["queued"]);
    if (!ended) {
      const { count } = await database.session.updateMany({
        where: { id, state: { in: ["starting", "running"] } },
        data: { state: "stopping", stopCommandId: newCommandId() },
      });
      if (count > 0) {
        signals.notify(id);
        orders.tell(await this.#row(id));
      }
    }
    return this.get(id);
  }

  async extend(id: SessionId): Promise<SessionView> {
    const { database, policy, signals, orders, expireAt } = this.#options;
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
      orders.tell(await this.#row(id));
    }
    return this.get(id);
  }

  async pause(id: SessionId, paused: boolean): Promise<SessionView> {
    const { database, orders } = this.#options;
    const { count } = await database.session.updateMany({
      where: { id, state: "running" },
      data: { pauseWanted: paused, pauseCommandId: newCommandId() },
    });
    if (count === 0) throw notRunning();
    const reply = await orders.pause(await this.#row(id));
    if (reply?.ok === false) throw SlipwayError.fromWire(reply.error);
    return this.get(id);
  }

  async openTerminal(
    id: SessionId,
    { rows, cols }: TerminalSize,
    container: string | null,
  ): Promise<TerminalTicket> {
    const { database, orders } = this.#options;
    const row = await this.#row(id);
    if (row.state !== "running") throw notRunning();
    const ordered = await database.terminalOrder.count({ where: { sessionId: id } });
    if (viewOfSession(row).terminals.length + ordered >= MAX_TERMINALS) {
      const params = { limit: MAX_TERMINALS };
      throw new SlipwayError("terminal-limit", "The session has as many terminals as it may.", { params });
    }
    const terminalId = newTerminalId();
    const order = { id: newCommandId(), sessionId: id, terminalId, rows, cols, container };
    await database.terminalOrder.create({ data: order });
    const reply = await orders.openTerminal(row, order.id);
    if (reply?.ok === false) throw SlipwayError.fromWire(reply.error);
    return this.#ticket(id, terminalId, "drive");
  }

  async get(id: SessionId): Promise<SessionView> {
    return this.#view(await this.#row(id));
  }

  async #view(row: Session): Promise<SessionView> {
    const view = viewOfSession(row);
    return row.state === "queued"
      ? { ...view, queue: await queuePlace(this.#options.database, view.id) }
      : view;
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

  async terminalTicket(id: SessionId, terminalId: string): Promise<TerminalTicket> {
    const view = await this.get(id);
    const terminal = view.terminals.find((one) => one.terminalId === terminalId);
    if (!terminal) throw new SlipwayError("terminal-missing", "The session has no such terminal.");
    // What an ended session printed can still be read for a while.
    return this.#ticket(id, terminal.terminalId, view.state === "ended" ? "view" : "drive");
  }

  async previewUrl(id: SessionId, port: number, to = "/"): Promise<string> {
    const { tickets, publicUrl, previewDomain } = this.#options;
    const row = await this.#alive(id);
    const ticket = await tickets.sign({ right: "port", session: id, port }, row.expiresAt.getTime());
    const { protocol } = new URL(publicUrl);
    const host = previewHost(port, sessionIdSchema.parse(id), previewDomain);
    const url = new URL(PREVIEW_ENTER_PATH, `${protocol}//${host}`);
    url.searchParams.set("ticket", ticket);
    url.searchParams.set("to", to);
    return url.href;
  }

  async filesTicket(id: SessionId): Promise<FilesTicket> {
    const { state } = await this.get(id);
    if (state !== "running") throw notRunning();
    const expiresAt = Date.now() + FILES_TICKET_MS;
    return {
      ticket: await this.#options.tickets.sign({ right: "files", session: id }, expiresAt),
      expiresAt,
    };
  }

  async dockerAddress(id: SessionId): Promise<DockerAddress> {
    const { tickets, publicUrl } = this.#options;
    const row = await this.#row(id);
    if (row.state !== "running") throw notRunning();
    const expiresAt = row.expiresAt.getTime();
    const generation = row.dockerAddresses;
    const ticket = await tickets.sign({ right: "docker", session: id, generation }, expiresAt);
    const { protocol, hostname, port } = new URL(publicUrl);
    const isSecure = protocol === "https:";
    const host = `tcp://${hostname}:${port || (isSecure ? "443" : "80")}${dockerPath(id, ticket)}`;
    return { host, isSecure, expiresAt };
  }

  async revokeDockerAddresses(id: SessionId): Promise<void> {
    const { database, signals } = this.#options;
    await database.session.updateMany({ where: { id }, data: { dockerAddresses: { increment: 1 } } });
    signals.notify(id);
  }

  async exportUrl(id: SessionId): Promise<string> {
    const { tickets, publicUrl } = this.#options;
    const { state, filesKeptUntil } = await this.get(id);
    const kept = state === "running" || (filesKeptUntil !== null && filesKeptUntil > Date.now());
    if (!kept) throw new SlipwayError("session-files-gone", "Nothing of the session is kept any more.");
    const ticket = await tickets.sign({ right: "export", session: id }, Date.now() + EXPORT_TICKET_MS);
    const url = new URL(exportPath(id), publicUrl);
    url.searchParams.set("ticket", ticket);
    return url.href;
  }

  async #ticket(session: SessionId, terminalId: TerminalId, role: "view" | "drive"): Promise<TerminalTicket> {
    const expiresAt = Date.now() + TERMINAL_TICKET_MS;
    const grant: TicketGrant = { right: "terminal", session, terminal: terminalId, role };
    return { terminalId, ticket: await this.#options.tickets.sign(grant, expiresAt), expiresAt };
  }

  /** A moment later: a launch has better things to do. */
  #arm(id: SessionId, expiresAt: Date): void {
    setTimeout(() => {
      this.#options.expireAt(id, expiresAt.getTime()).catch((error: unknown) => {
        this.#options.logger.error({ err: error, session: id }, "the end of a session could not be arranged");
      });
    }, ARM_DELAY_MS).unref();
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

const notRunning = () => new SlipwayError("session-not-running", "The session is not running.");
