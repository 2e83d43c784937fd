import type { Readable } from "node:stream";
import {
  type Digest,
  type ImageSummary,
  type LaunchRequest,
  type SessionId,
  type SessionInside,
  type SessionReport,
  type SessionUsage,
  SlipwayError,
  type StopCause,
  type TerminalId,
  type TerminalSize,
} from "@slipway/protocol";
import type { Terminal } from "../terminal/terminal.ts";
import { adopt } from "./adopt.ts";
import { Arrivals } from "./arrivals.ts";
import { EndedSessions } from "./ended-sessions.ts";
import type { ContainerFiles } from "./files/container-files.ts";
import type { SessionHouse } from "./house.ts";
import { KeptFiles } from "./kept-files.ts";
import { LiveSession } from "./live-session.ts";
import type { SessionParts } from "./parts.ts";
import { newPlace } from "./place.ts";
import { PortWatch } from "./port-watch.ts";
import type { SessionRecord, SessionRecords } from "./record.ts";
import { findOrphans, removeTerminals } from "./resources.ts";
import type { Sessions } from "./session.ts";
import type { SessionHost } from "./session-host.ts";
import { WarmPool } from "./warm/warm-pool.ts";

/** How long somebody who asks for a terminal waits for the launch that it belongs to. */
export const AWAIT_LAUNCH_MS = 10_000;
/** And then for the terminal itself. */
export const AWAIT_TERMINAL_MS = 30_000;

export interface SessionsOptions {
  readonly parts: SessionParts;
  readonly records: SessionRecords;
  readonly maxSessions: number;
  /** Starts that are prepared for launches to come, at most; none unless given. */
  readonly warmStarts?: number;
  /** True while the worker does something else that preparing starts would slow down. */
  readonly isBusy?: () => boolean;
  readonly onReport: (report: SessionReport) => void;
}

export function createSessions(options: SessionsOptions): Sessions {
  return new WorkerSessions(options);
}

class WorkerSessions implements Sessions {
  readonly #options: SessionsOptions;
  readonly #house: SessionHouse;
  readonly #sessions = new Map<SessionId, LiveSession>();
  readonly #ended = new EndedSessions((id) => this.#forget(id));
  readonly #launches = new Arrivals<SessionId, LiveSession>();
  readonly #terminals = new Arrivals<string, Terminal>();
  /** The removal of what earlier processes left behind: nothing new starts before, it might be given what is still in use. */
  #swept: Promise<void> = Promise.resolve();

  constructor(options: SessionsOptions) {
    const { parts, records, onReport } = options;
    this.#options = options;
    this.#house = {
      parts,
      records,
      warm: new WarmPool({
        parts,
        size: options.warmStarts ?? 0,
        isBusy: () => this.#isLaunching() || (options.isBusy?.() ?? false),
      }),
      ports: new PortWatch(),
      kept: new KeptFiles(parts),
      changed: onReport,
      terminalCame: (session, terminal, found) => this.#terminals.arrive(`${session} ${terminal}`, found),
    };
  }

  async launch(request: LaunchRequest): Promise<void> {
    await this.#swept;
    if (this.#sessions.has(request.sessionId)) return;
    const { parts, records, maxSessions } = this.#options;
    if (this.#alive().length >= maxSessions) {
      throw new SlipwayError("worker-full", "This worker holds as many sessions as it may.", {
        params: { limit: maxSessions },
      });
    }
    const prepared = this.#house.warm.claim(request);
    const record: SessionRecord = {
      request,
      place: prepared?.place ?? newPlace(),
      slot: prepared?.slot ?? parts.ids.take(),
      begunAt: Date.now(),
      endedAt: null,
      keptBytes: 0,
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
    try {
      records.write(record);
    } catch (error) {
      if (prepared) this.#house.warm.discard(prepared);
      else parts.ids.release(record.slot);
      throw SlipwayError.from(error);
    }
    const session = this.#add(record);
    void session.start(prepared);
    this.#options.onReport(session.report);
    this.#launches.arrive(session.id, session);
  }

  async stop(id: SessionId, cause: StopCause = "stopped-by-owner"): Promise<void> {
    await this.#sessions.get(id)?.end({ cause });
  }

  async extend(id: SessionId, expiresAt: number): Promise<void> {
    this.#known(id).extend(expiresAt);
  }

  async pause(id: SessionId, paused: boolean): Promise<void> {
    await this.#known(id).pause(paused);
  }

  async openTerminal(
    id: SessionId,
    terminal: TerminalId,
    size: TerminalSize,
    container: string | null = null,
  ): Promise<void> {
    await this.#known(id).openTerminal(terminal, size, container);
  }

  async saveImage(id: SessionId, name: string): Promise<ImageSummary> {
    return await this.#known(id).saveImage(name);
  }

  async exportChanges(id: SessionId): Promise<Readable> {
    return await this.#known(id).exportChanges();
  }

  containerFiles(id: SessionId): ContainerFiles {
    return this.#known(id).containerFiles;
  }

  async currentDirectory(id: SessionId, terminal: TerminalId | null): Promise<string> {
    return await this.#known(id).currentDirectory(terminal);
  }

  async usage(id: SessionId): Promise<SessionUsage> {
    return await this.#known(id).looks.usage();
  }

  async inside(id: SessionId): Promise<SessionInside> {
    return await this.#known(id).looks.inside();
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

  get prepared(): number {
    return this.#house.warm.count;
  }

  acknowledged(report: SessionReport): void {
    if (report.state === "ended") this.#ended.add(report.sessionId);
  }

  terminal(session: SessionId, terminal: TerminalId): Terminal | null {
    return this.#sessions.get(session)?.terminal(terminal) ?? null;
  }

  async awaitTerminal(id: SessionId, terminal: TerminalId): Promise<Terminal | null> {
    const session = this.#sessions.get(id) ?? (await this.#launches.wait(id, AWAIT_LAUNCH_MS));
    if (session === null) return null;
    const found = session.terminal(terminal);
    if (found !== null || !session.mayOpen(terminal)) return found;
    return await this.#terminals.wait(`${id} ${terminal}`, AWAIT_TERMINAL_MS);
  }

  expectLaunch(image: Digest): void {
    this.#house.warm.expect(image);
  }

  host(session: SessionId): SessionHost | null {
    return this.#sessions.get(session)?.host ?? null;
  }

  address(session: SessionId): string | null {
    return this.#sessions.get(session)?.address ?? null;
  }

  async recover(): Promise<{ readonly swept: Promise<void> }> {
    const { parts, records } = this.#options;
    const found = await records.readAll((file, error) => {
      parts.log.error({ err: error, file }, "a session's record cannot be read; its resources are removed");
    });
    for (const record of found) if (record.endedAt === null) parts.ids.claim(record.slot);
    const sweep = await findOrphans(parts, found);
    this.#swept = sweep()
      .catch((error: unknown) => parts.log.error({ err: error }, "what was left behind could not be removed"))
      .then(() => {
        for (const { request } of found) this.#house.warm.learn(request);
      });
    await Promise.all(found.map((record) => adopt(parts, record, this.#add(record))));
    return { swept: this.#swept };
  }

  async endAll(): Promise<void> {
    await this.#swept;
    const ends = this.#alive().map((session) => session.end({ cause: "worker-stopped" }));
    await Promise.all([this.#house.warm.close(), ...ends]);
  }

  async release(): Promise<void> {
    await this.#swept;
    for (const session of this.#sessions.values()) session.release();
    this.#ended.release();
    this.#house.kept.release();
    await this.#house.warm.close();
  }

  #alive(): LiveSession[] {
    return [...this.#sessions.values()].filter((session) => session.report.state !== "ended");
  }

  #isLaunching(): boolean {
    return this.#alive().some(({ report }) => report.state === "starting");
  }

  #known(id: SessionId): LiveSession {
    const session = this.#sessions.get(id);
    if (session) return session;
    throw new SlipwayError("session-missing", "This worker does not know the session.");
  }

  #add(record: SessionRecord): LiveSession {
    const session = new LiveSession(this.#house, record);
    this.#sessions.set(session.id, session);
    return session;
  }

  async #forget(id: SessionId): Promise<void> {
    const session = this.#sessions.get(id);
    if (!session) return;
    this.#sessions.delete(id);
    const { parts, records } = this.#options;
    await this.#house.kept.drop(session.record.place);
    await removeTerminals(parts, session.record);
    await records.remove(id);
  }
}
