import { setTimeout as sleep } from "node:timers/promises";
import {
  type EndCause,
  type SessionEnd,
  type SessionId,
  type SessionPort,
  type SessionReport,
  SlipwayError,
  type TerminalId,
} from "@slipway/protocol";
import type { Lease } from "../image-store/image-store.ts";
import type { Container } from "../runtime/runtime.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { catches } from "./caught-signals.ts";
import { stopSignal } from "./command.ts";
import { type Launched, launch } from "./launch.ts";
import type { SessionParts } from "./parts.ts";
import { observePorts } from "./ports.ts";
import type { SessionRecord, SessionRecords } from "./record.ts";
import { removeResources } from "./resources.ts";

/**
 * Time between the signal that asks the main process to end and the one that ends it. Shorter than Docker's ten seconds: a
 * person waits, and programs that don't heed the signal as first process of a container, such as Node, are the rule here.
 */
const STOP_GRACE_MS = 2_000;
/** Longest delay that a timer can hold (Node.js, timers). */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export type Ended = Pick<SessionEnd, "cause"> & Partial<SessionEnd>;

/** One session of this worker, from its record to its end. State changes are written down before they are told. */
export class LiveSession {
  readonly #parts: SessionParts;
  readonly #records: SessionRecords;
  readonly #changed: (report: SessionReport) => void;
  /** Keeps the image's files for as long as the session lives, and across restarts of the worker. */
  readonly #lease: Lease;
  #record: SessionRecord;
  #container: Container | null = null;
  #address: string | null = null;
  #ending: Promise<void> | null = null;
  #launching: Promise<void> | null = null;
  #expiry: NodeJS.Timeout | undefined;
  #stopWatching: () => void = () => {};
  readonly #terminals = new Map<TerminalId, Terminal>();

  constructor(
    parts: SessionParts,
    records: SessionRecords,
    record: SessionRecord,
    changed: (report: SessionReport) => void,
  ) {
    this.#parts = parts;
    this.#records = records;
    this.#record = record;
    this.#changed = changed;
    this.#lease = parts.images.lease("held");
    if (record.report.state !== "ended") this.#lease.hold(record.request.image);
  }

  get id(): SessionId {
    return this.#record.request.sessionId;
  }
  get record(): SessionRecord {
    return this.#record;
  }
  get report(): SessionReport {
    return this.#record.report;
  }
  /** Address while the session runs. */
  get address(): string | null {
    return this.report.state === "running" ? this.#address : null;
  }

  terminal(id: TerminalId): Terminal | null {
    return this.#terminals.get(id) ?? null;
  }

  /** Makes the session's parts and starts it; a failure ends it. Never rejects. */
  start(): Promise<void> {
    this.#launching ??= this.#start();
    return this.#launching;
  }

  async #start(): Promise<void> {
    try {
      const launched = await launch(this.#parts, this.#record.request, this.#record.slot);
      await this.#run(launched);
    } catch (thrown) {
      this.#parts.log.warn({ err: thrown, sessionId: this.id }, "launch failed");
      await this.end({ cause: "launch-failed", error: SlipwayError.from(thrown).toWire() });
    }
  }

  /** Takes over a session that an earlier worker process started. */
  async adopt(launched: Launched): Promise<void> {
    await this.#run(launched);
  }

  /** Holds the terminals of an ended session, for people who still want to read them. */
  holdTerminals(terminals: readonly Terminal[]): void {
    for (const terminal of terminals) this.#terminals.set(terminal.id, terminal);
  }

  async #run(launched: Launched): Promise<void> {
    this.#container = launched.container;
    this.#record = { ...this.#record, args: [...launched.args] };
    this.#address = launched.address;
    this.holdTerminals(launched.shell ? [launched.main, launched.shell] : [launched.main]);
    for (const terminal of this.#terminals.values())
      void terminal.ended.then(() => this.#terminalEnded(terminal));
    if (this.#ending !== null) return;
    await this.#change({ state: "running", terminals: launched.terminals });
    this.#expireAt(this.#record.request.expiresAt);
    this.#stopWatching = observePorts(launched.container, launched.exposedPorts, (ports) =>
      this.#portsChanged(ports),
    );
  }

  /** Moves the expiry. */
  async extend(expiresAt: number): Promise<void> {
    if (this.#ending !== null) return;
    this.#record = { ...this.#record, request: { ...this.#record.request, expiresAt } };
    await this.#records.write(this.#record);
    this.#expireAt(expiresAt);
  }

  /** Ends the session once; later calls wait for the same end. Never rejects. */
  end(ended: Ended): Promise<void> {
    this.#ending ??= this.#end(ended);
    return this.#ending;
  }

  /** Stops timers and watchers, and leaves the session itself alone. */
  release(): void {
    clearTimeout(this.#expiry);
    this.#stopWatching();
  }

  async #end(ended: Ended): Promise<void> {
    this.release();
    await this.#change({ state: "stopping", ports: [] });
    // A launch under way makes things until it is through: wait for it, so that all of them are removed.
    if (ended.cause !== "launch-failed") await this.#launching;
    const main = this.#terminals.get(this.#record.request.terminals.main) ?? null;
    if (main && main.exit === null) await this.#stopMain(main);
    await removeResources(this.#parts, this.id);
    this.#lease.release();
    this.#parts.ids.release(this.#record.slot);
    this.#record = { ...this.#record, endedAt: Date.now() };
    const end: SessionEnd = {
      cause: ended.cause,
      exitCode: ended.exitCode ?? main?.exit?.exitCode ?? null,
      metric: ended.metric ?? null,
      error: ended.error ?? null,
    };
    await this.#change({ state: "ended", end });
  }

  /** Asks the main process to end where it can hear, and after the grace period leaves it to the removal, which kills. */
  async #stopMain(main: Terminal): Promise<void> {
    const image = await this.#parts.images.get(this.#record.request.image);
    const signal = stopSignal(this.#record.args, image?.config.config ?? {});
    const pid = (await this.#container?.pid()) ?? null;
    if (pid === null || !(await catches(pid, signal))) return;
    await this.#container?.kill(signal);
    const grace = new AbortController();
    await Promise.race([
      main.ended,
      sleep(STOP_GRACE_MS, undefined, { signal: grace.signal }).catch(() => {}),
    ]);
    grace.abort();
  }

  async #terminalEnded(terminal: Terminal): Promise<void> {
    const exitCode = terminal.exit?.exitCode ?? null;
    const terminals = this.report.terminals.map((entry) =>
      entry.terminalId === terminal.id ? { ...entry, exitCode } : entry,
    );
    await this.#change({ terminals });
    if (terminal.id !== this.#record.request.terminals.main || this.#ending !== null) return;
    const outOfMemory = (await this.#container?.outOfMemory()) ?? false;
    const cause: EndCause = outOfMemory ? "out-of-memory" : "command-exited";
    const { memoryBytes } = this.#record.request.limits;
    await this.end({
      cause,
      exitCode,
      metric: outOfMemory ? { name: "memory", value: memoryBytes, unit: "bytes" } : null,
    });
  }

  #portsChanged(ports: SessionPort[]): void {
    if (this.#ending === null) void this.#change({ ports });
  }

  #expireAt(expiresAt: number): void {
    clearTimeout(this.#expiry);
    const delay = Math.min(Math.max(expiresAt - Date.now(), 0), LONGEST_TIMER_MS);
    this.#expiry = setTimeout(() => {
      const { request } = this.#record;
      void this.end({
        cause: "expired",
        metric: { name: "expires-at", value: request.expiresAt, unit: "ms" },
      });
    }, delay);
  }

  async #change(change: Partial<SessionReport>): Promise<void> {
    const report = { ...this.report, ...change, revision: this.report.revision + 1 };
    this.#record = { ...this.#record, report };
    await this.#records.write(this.#record).catch((error) => {
      this.#parts.log.error({ err: error, sessionId: this.id }, "a session's record could not be written");
    });
    this.#changed(report);
  }
}
