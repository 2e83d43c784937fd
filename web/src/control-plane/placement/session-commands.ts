import {
  commandIdSchema,
  digestSchema,
  egressPolicySchema,
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

export interface SessionCommandsOptions {
  readonly database: Database;
  readonly workers: ConnectedWorkers;
  readonly sessions: SessionLog;
  readonly log: Logger;
}

/**
 * Sends workers what they have not acknowledged of a session: its launch, its stop, its new end. The ids of commands are
 * in the session's row, so that this may be called again after any interruption.
 */
export class SessionCommands {
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

  async #launch(session: Session, workerId: string): Promise<void> {
    const reply = await this.#options.workers.command(workerId, launchCommand(session));
    if (reply.ok) return;
    const id = sessionIdSchema.parse(session.id);
    await this.#options.sessions.end(id, endBecause("launch-failed", reply.error), ["starting", "stopping"]);
  }

  async #stop(session: Session, workerId: string): Promise<void> {
    const sessionId = sessionIdSchema.parse(session.id);
    const commandId = commandIdSchema.parse(session.stopCommandId);
    const reply = await this.#options.workers.command(workerId, { kind: "stop", commandId, sessionId });
    // A worker that doesn't know the session has nothing to stop.
    if (!reply.ok && reply.error.code === "session-missing") {
      await this.#options.sessions.end(sessionId, endBecause("stopped-by-owner"), ["stopping"]);
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
