import type { Readable } from "node:stream";
import {
  type ImageSummary,
  type SessionEnd,
  type SessionId,
  type SessionReport,
  SlipwayError,
  type TerminalId,
  type TerminalSize,
} from "@slipway/protocol";
import type { Lease } from "../image-store/image-store.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { shellIn } from "./containers/container-shell.ts";
import { causeOfEnd } from "./end-cause.ts";
import { windUp } from "./ending.ts";
import { Expiry } from "./expiry.ts";
import type { ContainerFiles } from "./files/container-files.ts";
import { currentDirectory } from "./files/current-directory.ts";
import { MainFiles } from "./files/main-files.ts";
import type { SessionHouse } from "./house.ts";
import { SessionLooks } from "./inside/session-looks.ts";
import type { KeptDisk } from "./kept-files.ts";
import type { Launched } from "./launch.ts";
import { launchSomehow } from "./launching.ts";
import type { SessionRecord } from "./record.ts";
import { SessionBook } from "./session-book.ts";
import { exportFiles, frozen, type SessionFiles, saveFiles } from "./session-files.ts";
import { type SessionHost, serve } from "./session-host.ts";
import { SessionTerminals } from "./session-terminals.ts";
import { SessionWatches } from "./session-watches.ts";
import { shellProcess } from "./shells.ts";
import { STOP_GRACE_MS } from "./stopping.ts";
import { Turns } from "./turns.ts";
import type { PreparedStart } from "./warm/prepared-start.ts";

export type Ended = Pick<SessionEnd, "cause"> & Partial<SessionEnd>;

/** One session of this worker, from its record to its end. State changes are written down before they are told. */
export class LiveSession {
  readonly #house: SessionHouse;
  readonly #book: SessionBook;
  /** Keeps the image's files for as long as the session or its files live, and across restarts of the worker. */
  readonly #lease: Lease;
  readonly #terminals: SessionTerminals;
  /** What is done to the session while it runs, one after the other. */
  readonly #turns = new Turns();
  readonly #endBegan = new AbortController();
  readonly #expiry = new Expiry(() => this.#expired());
  #launched: Launched | null = null;
  #served: SessionHost | null = null;
  #watches: SessionWatches | null = null;
  #looks: SessionLooks | null = null;
  #launching: Promise<void> | null = null;
  #ending: Promise<void> | null = null;
  /** Another worker process looks after the session. */
  #isReleased = false;

  constructor(house: SessionHouse, record: SessionRecord) {
    const { parts, records, changed } = house;
    this.#house = house;
    this.#book = new SessionBook(record, { records, changed, log: parts.log });
    this.#terminals = new SessionTerminals(
      house,
      this.#book,
      (id, code) => void this.#terminalEnded(id, code),
    );
    this.#lease = parts.images.lease("held");
    const { state, filesKeptUntil } = record.report;
    if (state !== "ended" || filesKeptUntil !== null) this.#lease.hold(record.request.image);
  }

  get id(): SessionId {
    return this.record.request.sessionId;
  }
  get record(): SessionRecord {
    return this.#book.record;
  }
  get report(): SessionReport {
    return this.#book.report;
  }
  /** Address while the session runs. */
  get address(): string | null {
    return this.report.state === "running" ? (this.#launched?.ground.network.address ?? null) : null;
  }

  /** The session as docker clients in it know it; null unless it runs. */
  get host(): SessionHost | null {
    if (this.#served === null || this.report.state !== "running") return null;
    return this.#served;
  }

  terminal(id: TerminalId): Terminal | null {
    return this.#terminals.get(id);
  }

  /** False when it is known that there will never be such a terminal. */
  mayOpen(id: TerminalId): boolean {
    if (this.#ending !== null || this.report.state === "ended") return false;
    const isShell = id === this.record.request.terminals.shell;
    return !isShell || this.#launched === null || this.#launched.beside !== null;
  }

  /** Makes the session's parts, as far as they are not prepared, and starts it; a failure ends it. Never rejects. */
  start(prepared: PreparedStart | null): Promise<void> {
    this.#launching ??= this.#start(prepared);
    return this.#launching;
  }

  async #start(prepared: PreparedStart | null): Promise<void> {
    try {
      const launched = await launchSomehow(this.#house, this.#book, prepared);
      this.#run(launched);
    } catch (thrown) {
      this.#house.parts.log.warn({ err: thrown, sessionId: this.id }, "launch failed");
      await this.end({ cause: "launch-failed", error: SlipwayError.from(thrown).toWire() });
    }
  }

  /** Takes over a running session that an earlier worker process started; its terminals are held already. */
  async adopt(launched: Launched): Promise<void> {
    // The kernel may be a step ahead of the record, or behind it.
    const { container } = launched.main;
    await (this.report.paused ? container.pause() : container.resume()).catch(() => {});
    this.#terminals.adopt();
    const served = serve(this.#house.parts, this.record, launched);
    await served.containers.recover();
    await served.containers.stand(this.report.paused);
    this.#served = served;
    this.#run(launched);
  }

  /** Holds the terminals of a session of an earlier process, for people who still want to read them. */
  holdTerminals(terminals: ReadonlyMap<TerminalId, Terminal>): void {
    this.#terminals.hold(terminals);
  }

  /** Takes over what an ended session has written. */
  async adoptFiles(): Promise<void> {
    const { report, record } = this;
    if (report.filesKeptUntil === null) return;
    const { place, request, keptBytes } = record;
    // A worker that was killed may have removed them without a chance to say so.
    if (!(await this.#house.parts.disks.list()).includes(place.name)) {
      this.#lease.release();
      return this.#book.tell({ filesKeptUntil: null });
    }
    await this.#keep({
      place,
      diskBytes: request.limits.diskBytes,
      usedBytes: keptBytes,
      until: report.filesKeptUntil,
    });
  }

  #run(launched: Launched): void {
    this.#launched = launched;
    this.#served ??= serve(this.#house.parts, this.record, launched);
    const { containers } = this.#served;
    const { request } = this.record;
    const { main, shell } = request.terminals;
    if (this.#terminals.get(main) === null) this.#terminals.add(main, launched.main.terminal);
    if (this.#ending !== null) return;
    const terminals =
      this.report.terminals.length > 0
        ? this.report.terminals
        : [{ terminalId: main, kind: "main" as const, container: null, exitCode: null }];
    this.#book.tell({ state: "running", terminals }, { args: [...launched.args] });
    this.#expiry.set(request.expiresAt);
    this.#watches = new SessionWatches(this.#house, this.#book, launched, {
      terminals: this.#terminals,
      containers,
    });
    if (launched.beside === null) this.#terminals.giveUp([shell]);
    else void this.#turns.take(() => this.#openBeside(launched));
  }

  /** A shell beside the main process; there is none when that has already ended, and its container with it. */
  async #openBeside({ beside, main }: Launched): Promise<void> {
    const { terminals, size } = this.record.request;
    if (beside === null || this.#ending !== null) return;
    try {
      await this.#terminals.open(main.container, beside, terminals.shell, { size });
    } catch (error) {
      this.#house.parts.log.info({ err: error, sessionId: this.id }, "no shell beside the main process");
      this.#terminals.giveUp([terminals.shell]);
    }
  }

  /** See Sessions.openTerminal. */
  openTerminal(id: TerminalId, size: TerminalSize, inside: string | null): Promise<void> {
    return this.#turns.take(async () => {
      if (this.#terminals.get(id) !== null) return;
      const { main } = this.#whileRunning();
      // A process that is put among those that stand still never gets to its prompt.
      if (this.report.paused) throw notRunning();
      if (inside !== null) return await this.#openInside(id, size, inside);
      const process = await shellProcess(this.#house.parts, this.record);
      await this.#terminals.open(main.container, process, id, { size });
    });
  }

  /** A shell in a container that docker made. */
  async #openInside(id: TerminalId, size: TerminalSize, reference: string): Promise<void> {
    const host = this.host;
    if (host === null) throw notRunning();
    const found = host.containers.find(reference);
    const { container, process } = await shellIn(this.#house.parts, host, found);
    await this.#terminals.open(container, process, id, { size, inside: found.name });
  }

  /** See Sessions.pause. */
  pause(paused: boolean): Promise<void> {
    return this.#turns.take(async () => {
      const { main } = this.#whileRunning();
      if (this.report.paused === paused) return;
      await (paused ? main.container.pause() : main.container.resume());
      await this.#served?.containers.stand(paused);
      this.#book.tell({ paused });
    });
  }

  /** See Sessions.saveImage. */
  async saveImage(name: string): Promise<ImageSummary> {
    return await saveFiles(this.#house.parts, await this.#files(), name);
  }

  /** See Sessions.exportChanges. */
  async exportChanges(): Promise<Readable> {
    return await exportFiles(this.#house.parts, await this.#files());
  }

  /** See Sessions.containerFiles. */
  get containerFiles(): ContainerFiles {
    const { rootfs } = this.#whileRunning().main.container;
    return new MainFiles({ rootfs, ids: this.#house.parts.ids.range(this.record.slot) });
  }

  /** See Sessions.currentDirectory. */
  async currentDirectory(terminal: TerminalId | null): Promise<string> {
    const { main } = this.#whileRunning();
    const shell = terminal === null ? null : this.#terminals.get(terminal);
    return await currentDirectory((await shell?.pid()) ?? (await main.container.pid()));
  }

  /** What it looks like while it runs. Throws `session-not-running` otherwise. */
  get looks(): SessionLooks {
    const { ground } = this.#whileRunning();
    const { cgroups } = this.#house.parts;
    const { place } = this.record;
    this.#looks ??= new SessionLooks({
      cgroups,
      ground,
      cgroup: cgroups.path(place.name),
      main: place.container,
      nameOf: (id) => this.#served?.containers.nameOf(id) ?? null,
    });
    return this.#looks;
  }

  async #files(): Promise<SessionFiles> {
    // What is being launched or ended will have files in a moment.
    await this.#launching;
    await this.#ending;
    const { request, place, args } = this.record;
    return {
      image: request.image,
      args,
      use: async (work) => {
        if (this.report.state === "ended") {
          return await this.#house.kept.use(place, (upper) => work({ upper }));
        }
        return await this.#turns.take(() =>
          frozen(this.#whileRunning(), this.report.paused, this.#endBegan.signal, work),
        );
      },
    };
  }

  #whileRunning(): Launched {
    if (this.#launched !== null && this.#ending === null && this.report.state === "running")
      return this.#launched;
    throw notRunning();
  }

  /** Moves the expiry. */
  extend(expiresAt: number): void {
    if (this.#ending !== null || this.report.state === "ended") return;
    this.#book.note({ request: { ...this.record.request, expiresAt } });
    if (this.report.state === "running") this.#expiry.set(expiresAt);
  }

  /** Ends the session once; later calls wait for the same end. Never rejects. */
  end(ended: Ended): Promise<void> {
    this.#ending ??= this.#end(ended);
    return this.#ending;
  }

  /** Stops timers and watchers, and leaves the session itself alone. */
  release(): void {
    this.#isReleased = true;
    this.#expiry.clear();
    this.#watches?.stop();
    this.#served?.containers.release();
  }

  async #end(ended: Ended): Promise<void> {
    this.#expiry.clear();
    this.#endBegan.abort(notRunning());
    this.#book.tell({ state: "stopping", ports: [] });
    const { terminals } = this.record.request;
    this.#terminals.giveUp(Object.values(terminals));
    // What is under way makes things until it is through: wait for it, so that all of them are removed.
    if (ended.cause !== "launch-failed") await this.#launching;
    await this.#turns.idle(STOP_GRACE_MS);
    await this.#served?.containers.endAll();
    const main = this.#terminals.get(terminals.main);
    const running = { launched: this.#launched, main, watches: this.#watches };
    const wound = await windUp(this.#house, this.record, running, ended.cause !== "launch-failed");
    // What took longer has failed by now, with the container that it wanted something of.
    await this.#turns.idle();
    const files = wound.files && (await this.#keep(wound.files)) ? wound.files : null;
    if (files === null) this.#lease.release();
    const end: SessionEnd = {
      cause: ended.cause,
      exitCode: ended.exitCode ?? main?.exit?.exitCode ?? null,
      metric: ended.metric ?? null,
      error: ended.error ?? null,
    };
    this.#book.tell(
      {
        state: "ended",
        paused: false,
        end,
        limitEvents: [...wound.limitEvents],
        filesKeptUntil: files?.until ?? null,
      },
      { endedAt: Date.now(), keptBytes: files?.usedBytes ?? 0 },
    );
  }

  /** False when there was no room for them. */
  async #keep(files: KeptDisk): Promise<boolean> {
    return await this.#house.kept.keep(files, () => {
      this.#lease.release();
      if (this.report.state === "ended") this.#book.tell({ filesKeptUntil: null });
    });
  }

  async #terminalEnded(id: TerminalId, exitCode: number | null): Promise<void> {
    if (this.#isReleased) return;
    const terminals = this.report.terminals.map((entry) =>
      entry.terminalId === id ? { ...entry, exitCode } : entry,
    );
    this.#book.tell({ terminals });
    const { request } = this.record;
    if (id !== request.terminals.main || this.#ending !== null) return;
    const outOfMemory = (await this.#launched?.main.container.outOfMemory().catch(() => false)) ?? false;
    const events = (await this.#watches?.look()) ?? [];
    const { memoryBytes } = request.limits;
    const { cause, metric } = causeOfEnd({ exitCode, outOfMemory, events, memoryBytes, now: Date.now() });
    await this.end({ cause, exitCode, metric });
  }

  #expired(): void {
    const metric = { name: "expires-at", value: this.record.request.expiresAt, unit: "ms" };
    void this.end({ cause: "expired", metric });
  }
}

const notRunning = (): SlipwayError => new SlipwayError("session-not-running", "The session does not run.");
