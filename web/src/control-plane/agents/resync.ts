import {
  type BuildId,
  buildIdSchema,
  type Hello,
  type SessionId,
  SlipwayError,
  sessionIdSchema,
  type TicketPublicKey,
  type Welcome,
} from "@slipway/protocol";
import type { Logger } from "pino";
import type { BuildEventLog } from "../build/event-log.ts";
import type { Database } from "../db/database.ts";
import { requeueBuild } from "../placement/build-dispatch.ts";
import type { SessionCommands } from "../placement/session-commands.ts";
import type { ImageSaves } from "../saved-image/image-saves.ts";
import { endBecause, type SessionLog } from "../session/session-log.ts";
import { PLACED_SESSION_STATES } from "../session/session-state.ts";

export interface ResyncOptions {
  readonly database: Database;
  readonly events: BuildEventLog;
  readonly sessions: SessionLog;
  readonly commands: SessionCommands;
  readonly saves: ImageSaves;
  readonly submitBuild: (id: BuildId) => Promise<void>;
  readonly ticketPublicKey: TicketPublicKey;
  readonly previewDomain: string;
  readonly log: Logger;
}

const lost = () => new SlipwayError("worker-lost", "The worker that had it is gone.").toWire();

/** Brings what the database says and what a worker says together; facts come from the worker, wishes from here. */
export class Resync {
  readonly #options: ResyncOptions;

  constructor(options: ResyncOptions) {
    this.#options = options;
  }

  /** Takes the facts of a hello and answers what should be. */
  async welcome(hello: Hello): Promise<Welcome> {
    const { database, sessions, ticketPublicKey, previewDomain } = this.#options;
    await this.#remember(hello);
    for (const report of hello.sessions) await sessions.apply(hello.workerId, report);
    await this.#missSessions(hello);
    await this.#missBuilds(hello);
    const placed = await database.session.findMany({
      where: { workerId: hello.workerId, state: { in: [...PLACED_SESSION_STATES] } },
      select: { id: true },
    });
    const builds = await database.build.findMany({
      where: { workerId: hello.workerId, state: "building" },
      select: { id: true, nextSequence: true },
    });
    return {
      ticketPublicKey,
      previewDomain,
      sessions: placed.map((row) => sessionIdSchema.parse(row.id)),
      builds: builds.map((row) => ({ buildId: buildIdSchema.parse(row.id), nextSequence: row.nextSequence })),
    };
  }

  /** Sends again what the worker has not acknowledged; called when it has its welcome. */
  async catchUp(workerId: string): Promise<void> {
    const { database, commands } = this.#options;
    const rows = await database.session.findMany({
      where: { workerId, state: { in: [...PLACED_SESSION_STATES] } },
    });
    for (const row of rows) commands.tell(row);
    await Promise.all([commands.repeat(workerId), this.#options.saves.repeat(workerId)]);
  }

  /** A worker stayed away too long: nothing that it had is alive any more as far as people are concerned. */
  async giveUp(workerId: string): Promise<void> {
    const { database } = this.#options;
    const sessions = await database.session.findMany({
      where: { workerId, state: { in: [...PLACED_SESSION_STATES] } },
      select: { id: true },
    });
    for (const row of sessions) await this.#endLost(sessionIdSchema.parse(row.id));
    await this.#loseBuilds(workerId, new Set());
    await this.#options.saves.giveUp(workerId);
  }

  async #remember(hello: Hello): Promise<void> {
    const { workerId: id, runtime, capacity } = hello;
    const facts = {
      version: hello.version,
      gatewayUrl: hello.gatewayUrl,
      runtimeName: runtime.name,
      runtimeVersion: runtime.version,
      hardened: runtime.hardened,
      sessionCapacity: capacity.sessions,
      buildCapacity: capacity.builds,
      lastSeenAt: new Date(),
    };
    await this.#options.database.worker.upsert({ where: { id }, create: { id, ...facts }, update: facts });
  }

  /** Sessions that the worker had and no longer knows. One that it never told of may not have reached it: `catchUp`. */
  async #missSessions(hello: Hello): Promise<void> {
    const known = hello.sessions.map((report) => report.sessionId as string);
    const missing = await this.#options.database.session.findMany({
      where: {
        workerId: hello.workerId,
        state: { in: [...PLACED_SESSION_STATES] },
        id: { notIn: known },
        OR: [{ revision: { gte: 0 } }, { state: "stopping" }],
      },
      select: { id: true },
    });
    for (const row of missing) await this.#endLost(sessionIdSchema.parse(row.id));
  }

  #missBuilds(hello: Hello): Promise<void> {
    return this.#loseBuilds(hello.workerId, new Set(hello.builds.map((build) => build.buildId)));
  }

  /** Builds that the worker has no more: those that told nothing yet wait again, the others have failed. */
  async #loseBuilds(workerId: string, kept: ReadonlySet<string>): Promise<void> {
    const { database, events, submitBuild, log } = this.#options;
    const builds = await database.build.findMany({ where: { workerId, state: "building" } });
    for (const build of builds.filter((row) => !kept.has(row.id))) {
      const id = buildIdSchema.parse(build.id);
      if (await requeueBuild(database, build)) await submitBuild(id);
      else await events.close(id, lost(), workerId);
      log.warn({ build: id, worker: workerId }, "a build was lost with its worker");
    }
  }

  async #endLost(id: SessionId): Promise<void> {
    await this.#options.sessions.end(id, endBecause("worker-lost", lost()));
    this.#options.log.warn({ session: id }, "a session was lost with its worker");
  }
}
