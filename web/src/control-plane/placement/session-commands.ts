import {
  type CommandId,
  commandIdSchema,
  digestSchema,
  egressPolicySchema,
  type Reply,
  type SessionId,
  sessionIdSchema,
  sessionLimitsSchema,
  terminalIdSchema,
  type WorkerCommand,
} from "@slipway/protocol";
import type { Logger } from "pino";
import type { ConnectedWorkers } from "../agents/connected-workers.ts";
import type { Database, Session } from "../db/database.ts";
import { decode } from "../db/documents.ts";
import { endBecause, type SessionLog } from "../session/session-log.ts";
import type { SessionOrders } from "../session/session-service.ts";
import { requeueSession } from "./session-dispatch.ts";

export interface SessionCommandsOptions {
  readonly database: Database;
  readonly workers: ConnectedWorkers;
  readonly sessions: SessionLog;
  /** A worker had no room for a launch after all, which waits again. */
  readonly requeued: (id: SessionId, workerId: string) => Promise<void>;
  readonly log: Logger;
}

/**
 * Sends workers what they have not acknowledged of a session: its launch, its stop, its new end, a pause, more terminals. The
 * ids of commands are in the database, so that this may be called again after any interruption.
 */
export class SessionCommands implements SessionOrders {
  readonly #options: SessionCommandsOptions;

  constructor(options: SessionCommandsOptions) {
    this.#options = options;
  }

  /** Does not wait; what stays unanswered is sent again after the worker's next `hello`. */
  tell(session: Session): void {
    if (!session.workerId || !this.#options.workers.get(session.workerId)) return;
    void this.#tell(session, session.workerId).catch((error: unknown) => {
      this.#options.log.warn({ err: error, session: session.id }, "a session command was not answered");
    });
  }

  async #tell(session: Session, workerId: string): Promise<void> {
    if (session.state === "starting") await this.#launch(session, workerId);
    if (session.state === "stopping" && session.stopCommandId) await this.#stop(session, workerId);
    if (session.extendCommandId && session.state !== "stopping") await this.#extend(session, workerId);
  }

  async pause(session: Session): Promise<Reply | null> {
    const { id, pauseCommandId, pauseWanted } = session;
    const commandId = commandIdSchema.safeParse(pauseCommandId);
    if (!commandId.success || session.state !== "running") return null;
    const reply = await this.#send(session, {
      kind: "pause",
      commandId: commandId.data,
      sessionId: sessionIdSchema.parse(id),
      paused: pauseWanted,
    });
    if (reply) {
      const answered = { where: { id, pauseCommandId }, data: { pauseCommandId: null } };
      await this.#options.database.session.updateMany(answered);
    }
    return reply;
  }

  async openTerminal(session: Session, orderId: string): Promise<Reply | null> {
    const { database } = this.#options;
    const order = await database.terminalOrder.findUnique({ where: { id: orderId } });
    if (!order) return null;
    const reply = await this.#send(session, {
      kind: "open-terminal",
      commandId: commandIdSchema.parse(order.id),
      sessionId: sessionIdSchema.parse(session.id),
      terminalId: terminalIdSchema.parse(order.terminalId),
      size: { rows: order.rows, cols: order.cols },
      container: order.container,
    });
    if (reply) await database.terminalOrder.deleteMany({ where: { id: orderId } });
    return reply;
  }

  /** Sends again what one of these asked for, of sessions that this worker holds. */
  async repeat(workerId: string): Promise<void> {
    const { database } = this.#options;
    const running = { workerId, state: "running" } as const;
    await database.terminalOrder.deleteMany({ where: { session: { workerId, state: { not: "running" } } } });
    const orders = await database.terminalOrder.findMany({
      where: { session: running },
      include: { session: true },
      orderBy: { createdAt: "asc" },
    });
    for (const { id, session } of orders) await this.openTerminal(session, id);
    const paused = await database.session.findMany({ where: { ...running, pauseCommandId: { not: null } } });
    for (const session of paused) await this.pause(session);
  }

  /** Null when there was no answer; the next `hello` of the worker makes it come again. */
  async #send(session: Session, command: WorkerCommand & { commandId: CommandId }): Promise<Reply | null> {
    if (session.workerId === null) return null;
    return this.#options.workers.command(session.workerId, command).catch((error: unknown) => {
      this.#options.log.warn(
        { err: error, session: session.id, kind: command.kind },
        "a session command was not answered",
      );
      return null;
    });
  }

  async #launch(session: Session, workerId: string): Promise<void> {
    const reply = await this.#options.workers.command(workerId, launchCommand(session));
    if (reply.ok) return;
    const id = sessionIdSchema.parse(session.id);
    if (reply.error.code === "worker-full") {
      if (await requeueSession(this.#options.database, session)) return this.#options.requeued(id, workerId);
      // It was stopped before it began.
      await this.#options.sessions.end(id, endBecause("stopped-by-owner"), ["stopping"]);
      return;
    }
    await this.#options.sessions.end(id, endBecause("launch-failed", reply.error), ["starting", "stopping"]);
  }

  async #stop(session: Session, workerId: string): Promise<void> {
    const sessionId = sessionIdSchema.parse(session.id);
    const commandId = commandIdSchema.parse(session.stopCommandId);
    const cause = session.stoppedByOperator ? "stopped-by-operator" : "stopped-by-owner";
    const reply = await this.#options.workers.command(workerId, {
      kind: "stop",
      commandId,
      sessionId,
      cause,
    });
    // A worker that doesn't know the session has nothing to stop.
    if (!reply.ok && reply.error.code === "session-missing") {
      await this.#options.sessions.end(sessionId, endBecause(cause), ["stopping"]);
    }
  }

  async #extend(session: Session, workerId: string): Promise<void> {
    const { id, extendCommandId } = session;
    const command: WorkerCommand = {
      kind: "extend",
      commandId: commandIdSchema.parse(extendCommandId),
      sessionId: sessionIdSchema.parse(id),
      expiresAt: session.expiresAt.getTime(),
    };
    const reply = await this.#options.workers.command(workerId, command);
    if (!reply.ok) return;
    await this.#options.database.session.updateMany({
      where: { id, extendCommandId },
      data: { extendCommandId: null },
    });
  }
}

function launchCommand(session: Session): WorkerCommand {
  return {
    kind: "launch",
    commandId: commandIdSchema.parse(session.launchCommandId),
    request: {
      sessionId: sessionIdSchema.parse(session.id),
      image: digestSchema.parse(session.image),
      limits: decode(sessionLimitsSchema, session.limits),
      egress: egressPolicySchema.parse(session.egress),
      expiresAt: session.expiresAt.getTime(),
      start: session.start,
      terminals: {
        main: terminalIdSchema.parse(session.mainTerminalId),
        shell: terminalIdSchema.parse(session.shellTerminalId),
      },
      size: { rows: session.rows, cols: session.cols },
    },
  };
}
