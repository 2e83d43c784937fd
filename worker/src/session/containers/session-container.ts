import { EventEmitter } from "node:events";
import { SlipwayError } from "@slipway/protocol";
import { signalNumber } from "../../runtime/signals.ts";
import { Turns } from "../turns.ts";
import type { Attachment } from "./attachment.ts";
import { conflict } from "./conflict.ts";
import { linkedEnv } from "./container-links.ts";
import { ContainerMembership } from "./container-membership.ts";
import type { JoinedNetwork } from "./container-order.ts";
import { leavePlace, type Placement, type Ways } from "./container-place.ts";
import type { ContainerRecord, ContainerRecords } from "./container-records.ts";
import { clearAway, limitsOf, type RunningContainer, startContainer } from "./container-start.ts";
import type { ContainerState, PastRun, PublishedPort, Run } from "./container-state.ts";
import { ContainerView, type OpenedFiles } from "./container-view.ts";
import type { ExecProcesses } from "./exec-processes.ts";
import { type Health, HealthWatch, STARTING } from "./health-watch.ts";
import { hideFiles, showFiles } from "./shown-files.ts";
import { exitCodeOf, inDockersWords } from "./start-failure.ts";
import { within } from "./within.ts";

const KILLED = 137;
/** How long a container that starts or ends waits for those who copy its files. */
const FILES_GRACE_MS = 10_000;
/** How long a kill waits for the end that it brings. */
const KILL_MS = 10_000;

/** What a container needs of the session that it is in. */
export interface ContainerSurroundings extends Ways {
  readonly records: ContainerRecords;
  readonly execs: ExecProcesses;
  /** Makes its published ports lead to where it is now. */
  publish(container: SessionContainer): Promise<PublishedPort[]>;
  unpublish(container: SessionContainer): Promise<void>;
  /** Told of each change, which is written down by then. */
  changed(container: SessionContainer): void;
  /** It runs, and has its place in the network. */
  started(container: SessionContainer): void;
  event(container: SessionContainer, action: string, more?: Readonly<Record<string, string>>): void;
  /** Its main process has ended by itself or by a signal, and everything of it is cleared away. */
  died(container: SessionContainer): void;
}

/**
 * One further container of a session, from its record to its removal. Its files live on the session's disk for as long as it
 * exists; everything else is made at each start and taken away at each end.
 */
export class SessionContainer {
  readonly #around: ContainerSurroundings;
  readonly #turns = new Turns();
  readonly #changes = new EventEmitter().setMaxListeners(0);
  #record: ContainerRecord;
  #running: RunningContainer | null = null;
  #waiting: Attachment[] = [];
  #dying: Promise<void> = Promise.resolve();
  #healthWatch: HealthWatch | null = null;
  #health: Health | null = null;
  #isRemoved = false;
  #isGone = false;
  /** A stop that is the first half of a restart is nobody's end. */
  #isRestarting = false;
  readonly #view: ContainerView;
  readonly #membership: ContainerMembership;

  constructor(around: ContainerSurroundings, record: ContainerRecord) {
    this.#around = around;
    this.#record = record;
    const { parts, host } = around;
    this.#membership = new ContainerMembership(around, {
      record: () => this.#record,
      running: () => this.#running,
      tell: (change) => this.#tell(change),
      publish: () => around.publish(this),
      unpublish: () => around.unpublish(this),
    });
    this.#view = new ContainerView(
      () => showFiles(parts, host, this.#record, this.#running),
      () => hideFiles(parts, record.id, this.#running !== null),
    );
  }

  get record(): ContainerRecord {
    return this.#record;
  }
  get id(): string {
    return this.#record.id;
  }
  get name(): string {
    return this.#record.name;
  }
  get state(): ContainerState {
    return this.#record.state;
  }
  get isRemoved(): boolean {
    return this.#isRemoved;
  }
  /** True when nothing of it is left. */
  get isGone(): boolean {
    return this.#isGone;
  }
  /** What runs, paused or not; null otherwise. */
  get running(): RunningContainer | null {
    return this.#running;
  }
  get placement(): Placement | null {
    return this.#membership.placement;
  }

  /** Null where nobody looks after it. */
  get health(): Health | null {
    return this.#health;
  }
  /** Of execs that run. */
  get execIds(): string[] {
    return this.#around.execs.of(this);
  }

  /** Tells the session that something was done to it. */
  event(action: string, more?: Readonly<Record<string, string>>): void {
    this.#around.event(this, action, more);
  }

  /** Calls `listener` at each change of state, and at the removal; returns how to stop that. */
  onChange(listener: () => void): () => void {
    this.#changes.on("change", listener);
    return () => this.#changes.off("change", listener);
  }

  /** Connects to the streams of the main process now, or as soon as it is started. */
  async attach(attachment: Attachment): Promise<void> {
    if (this.#running !== null) return await attachment.begin(this.#running.process);
    // Who has left meanwhile waits no more: clients may come and go for as long as it does not run.
    this.#waiting = [...this.#waiting.filter(({ isClosed }) => !isClosed), attachment];
  }

  /** Has its files at hand, whether it runs or not, until they are closed. @throws container-conflict */
  openFiles(): Promise<OpenedFiles> {
    return this.#turns.take(async () => {
      await this.#dying;
      this.#whileThere();
      return await this.#view.open();
    });
  }

  /** Starts the main process. One that runs already is left alone: false. */
  start(): Promise<boolean> {
    return this.#turns.take(async () => {
      await this.#dying;
      if (this.#running !== null) return false;
      await this.#start();
      return true;
    });
  }

  async #start(): Promise<void> {
    const { parts, host } = this.#around;
    this.#whileThere();
    const startedAt = Date.now();
    this.#tell({ state: { status: "starting" }, wasStopped: false });
    const waiting = this.#waiting.filter(({ isClosed }) => !isClosed);
    this.#waiting = [];
    try {
      await this.#view.suspend(FILES_GRACE_MS);
      const placement = await this.#membership.enter();
      const running = await startContainer(parts, host, this.record, placement, waiting.length);
      this.#run(running);
      this.#view.resume();
      const ports = await this.#around.publish(this);
      const { address, ends, linked } = placement;
      const run: Run = {
        startedAt,
        address,
        ends: { ...ends },
        ports,
        linkedEnv: linkedEnv(this.name, linked),
      };
      this.#tell({ state: { status: "running", ...run } });
      await Promise.all(waiting.map((attachment) => attachment.begin(running.process)));
      this.#around.event(this, "start");
      this.#around.started(this);
    } catch (thrown) {
      const error = inDockersWords(SlipwayError.from(thrown));
      for (const attachment of waiting) attachment.close();
      await this.#clear();
      const exitCode = exitCodeOf(error);
      const past: PastRun = {
        startedAt,
        finishedAt: Date.now(),
        exitCode,
        outOfMemory: false,
        error: error.message,
      };
      this.#tell({ state: { status: "exited", ...past } });
      this.#around.died(this);
      throw error;
    }
  }

  /** Takes over one that an earlier worker left running; what is over meanwhile has ended. */
  async adopt(running: RunningContainer | null, placement: Placement | null): Promise<void> {
    if (running === null) await leavePlace(this.#around, this.id);
    if (this.state.status !== "running" && this.state.status !== "paused") return;
    if (running === null) {
      await this.#clear();
      return this.#tell({
        state: this.#past({ exitCode: KILLED, finishedAt: Date.now(), outOfMemory: false }),
      });
    }
    this.#membership.adopt(placement);
    this.#run(running);
  }

  #run(running: RunningContainer): void {
    this.#running = running;
    const { healthCheck } = this.record.order;
    if (healthCheck !== null) {
      this.#health = STARTING;
      this.#healthWatch = new HealthWatch(this, healthCheck, this.#around.execs, (health) => {
        this.#health = health;
        this.#changes.emit("change");
        this.#around.changed(this);
      });
    }
    void running.process.ended.then((exit) => {
      if (this.#running !== running) return;
      this.#dying = this.#die(exit?.exitCode ?? KILLED, exit?.atMs ?? Date.now()).catch((error: unknown) => {
        this.#around.parts.log.error(
          { err: error, container: this.id },
          "the end of a container had trouble",
        );
      });
    });
  }

  async #die(exitCode: number, finishedAt: number): Promise<void> {
    const outOfMemory = (await this.#running?.container.outOfMemory().catch(() => false)) ?? false;
    // A start that is under way says itself that it ran.
    while (this.state.status === "starting") await new Promise((resolve) => setImmediate(resolve));
    await this.#clear();
    this.#tell({ state: this.#past({ exitCode, finishedAt, outOfMemory }) });
    if (outOfMemory) this.#around.event(this, "oom");
    this.#around.event(this, "die", { exitCode: String(exitCode) });
    if (!this.#isRestarting) this.#around.died(this);
  }

  #past(end: Pick<PastRun, "exitCode" | "finishedAt" | "outOfMemory">): ContainerState {
    const startedAt = "startedAt" in this.state ? this.state.startedAt : end.finishedAt;
    return { status: "exited", startedAt, error: "", ...end };
  }

  /** Takes away all that a run made. */
  async #clear(): Promise<void> {
    const { parts } = this.#around;
    await this.#view.suspend(this.#isRemoved ? 0 : FILES_GRACE_MS);
    try {
      this.#running = null;
      this.#healthWatch?.stop();
      this.#healthWatch = null;
      await this.#membership.exit();
      await clearAway(parts, this.id);
    } finally {
      this.#view.resume();
    }
  }

  /** Stops it and starts it again. */
  async restart(options: Parameters<SessionContainer["stop"]>[0] = {}): Promise<void> {
    this.#isRestarting = true;
    try {
      await this.stop(options);
    } finally {
      this.#isRestarting = false;
    }
    await this.start();
    this.#around.event(this, "restart");
  }

  /** The size of its terminal. @throws container-conflict */
  resize(size: { readonly rows: number; readonly cols: number }): void {
    this.#whileRunning().process.resize(size);
    this.#around.event(this, "resize");
  }

  /** Sends a signal to the main process; of SIGKILL its end is waited for, since clients look or remove right after. @throws container-conflict */
  async kill(signal: string): Promise<void> {
    const running = this.#whileRunning();
    const { container } = running;
    const number = signalNumber(signal);
    if (number === signalNumber("SIGKILL") || number === signalNumber(this.record.order.stopSignal)) {
      this.#note({ wasStopped: true });
    }
    await container.kill(signal);
    // What stands still does not hear; only an end reaches it.
    if (this.state.status === "paused" && number === signalNumber("SIGKILL")) await container.resume();
    this.#around.event(this, "kill", { signal });
    if (number === signalNumber("SIGKILL")) await within(this.#over(running), KILL_MS);
  }

  /** Asks the main process to end, waits, and ends it. False when it did not run. */
  async stop(options: { readonly signal?: string; readonly timeoutMs?: number } = {}): Promise<boolean> {
    this.#note({ wasStopped: true });
    const running = this.#running;
    if (running === null) {
      if (this.state.status === "restarting") this.#tell({ state: { ...this.state, status: "exited" } });
      return false;
    }
    const { order } = this.record;
    const timeoutMs = options.timeoutMs ?? order.stopTimeoutMs;
    if (this.state.status === "paused") await this.unpause();
    await running.container.kill(options.signal ?? order.stopSignal);
    const ended = await within(running.process.ended, timeoutMs);
    if (!ended) await running.container.kill("SIGKILL");
    await this.#over(running);
    this.#around.event(this, "stop");
    return true;
  }

  /** Resolves when all that a run made is gone, whoever ended it. */
  async #over(running: RunningContainer): Promise<void> {
    await running.process.ended;
    await this.#dying;
  }

  async pause(): Promise<void> {
    const { container } = this.#whileRunning();
    if (this.state.status === "paused") throw conflict(`Container ${this.id} is already paused`);
    await container.pause();
    if (this.state.status === "running") this.#tell({ state: { ...this.state, status: "paused" } });
    this.#around.event(this, "pause");
  }

  async unpause(): Promise<void> {
    const { container } = this.#whileRunning();
    if (this.state.status !== "paused") throw conflict(`Container ${this.id} is not paused`);
    await container.resume();
    if (this.state.status === "paused") this.#tell({ state: { ...this.state, status: "running" } });
    this.#around.event(this, "unpause");
  }

  rename(name: string): Promise<void> {
    const oldName = this.name;
    this.#tell({ name });
    return this.#turns.take(async () => {
      await this.#membership.settle();
      this.#around.event(this, "rename", { oldName: `/${oldName}` });
    });
  }

  /**
   * Puts it into a network more, also while it runs.
   * @throws request-invalid, container-refused, network-missing
   */
  join(network: string, as: JoinedNetwork): Promise<void> {
    return this.#turns.take(() => this.#membership.join(network, as));
  }

  /** Takes it out of a network, also while it runs. @throws container-conflict */
  leave(network: string): Promise<void> {
    return this.#turns.take(() => this.#membership.leave(network));
  }

  /** Forgets a link to another container. False where it has none of this alias. */
  unlink(alias: string): Promise<boolean> {
    return this.#turns.take(() => this.#membership.unlink(alias));
  }

  /** Finds out where those are now that it has links to. */
  followLinks(): Promise<void> {
    return this.#turns.take(() => this.#membership.settle());
  }

  /** Makes its place in networks what its record says. */
  settle(): Promise<void> {
    return this.#membership.settle();
  }

  /** Changes limits and policy, also of what runs. */
  async update(change: Pick<ContainerRecord["order"], "limits" | "restart">): Promise<void> {
    await this.#running?.container.update(limitsOf(change, this.#around.host));
    this.#tell({ order: { ...this.record.order, ...change } });
    this.#around.event(this, "update");
  }

  /** Waits for its policy to start it again. */
  awaitRestart(): void {
    if (this.state.status !== "exited") return;
    this.#tell({ state: { ...this.state, status: "restarting" }, restarts: this.record.restarts + 1 });
  }

  /** Ends it as it is, however it is, and takes away what a run made. Its record and files are the caller's to remove. */
  remove(): Promise<void> {
    this.#isRemoved = true;
    return this.#turns.take(async () => {
      const running = this.#running;
      if (running !== null) {
        await running.container.kill("SIGKILL").catch(() => {});
        if (this.state.status === "paused") await running.container.resume().catch(() => {});
        await this.#over(running);
      } else {
        await this.#dying;
        await this.#view.suspend(0);
      }
      for (const attachment of this.#waiting) attachment.close();
    });
  }

  /** Record and files are gone too. */
  gone(): void {
    this.#isGone = true;
    this.#changes.emit("change");
  }

  /** Lets go of it without ending it. */
  release(): void {
    this.#healthWatch?.stop();
    this.#running?.process.release();
  }

  #whileRunning(): RunningContainer {
    this.#whileThere();
    if (this.#running !== null) return this.#running;
    throw conflict(`Container ${this.id} is not running`);
  }

  #whileThere(): void {
    if (this.#isRemoved) throw conflict(`container is marked for removal and cannot be started`);
  }

  #note(change: Partial<ContainerRecord>): void {
    if (this.#isRemoved) return;
    this.#record = { ...this.#record, ...change };
    this.#around.records.write(this.#record);
  }

  #tell(change: Partial<ContainerRecord>): void {
    this.#record = { ...this.#record, ...change };
    if (!this.#isRemoved) this.#around.records.write(this.#record);
    this.#changes.emit("change");
    this.#around.changed(this);
  }
}
