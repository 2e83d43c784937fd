import path from "node:path";
import { ExpansionError, expandWord, type Instruction } from "@slipway/dockerfile";
import {
  type BuildEvent,
  type BuildRequest,
  type Digest,
  type RegistryCredential,
  SlipwayError,
} from "@slipway/protocol";
import type { Image } from "../image-store/image-store.ts";
import { BaseImageFinder, type BaseImageReport } from "./base-image.ts";
import type { BuildClock } from "./build-clock.ts";
import type { BuildRecord } from "./build-record.ts";
import { BuildSpace } from "./build-space.ts";
import type { AcquiredNetwork, BuilderOptions } from "./builder.ts";
import type { BuiltImages } from "./built-images.ts";
import { BuildFailure } from "./failure.ts";
import type { FileStep } from "./file-step.ts";
import type { Flights } from "./flights.ts";
import type { LayerCache } from "./layer-cache.ts";
import { LogBudget, type StepLog } from "./log.ts";
import type { Surroundings } from "./own-build.ts";
import { Places } from "./places.ts";
import { PlanSteps } from "./plan-steps.ts";
import type { PreparedNetworks, TakenNetwork } from "./prepared-networks.ts";
import type { ReadPlan } from "./read-plan.ts";
import type { ContextTree } from "./source/context-tree.ts";
import { finishStage, type Stage } from "./stage.ts";
import type { StepRun } from "./step-run.ts";
import { StepNotes } from "./step-states/step-notes.ts";
import type { Tip } from "./tip.ts";

/** An empty directory in the builder's own. */
export const EMPTY_DIRECTORY = "empty";
/** Steps of one build that are carried out at the same time, in stages of their own. */
const STAGES_AT_ONCE = 4;

/** What one build is given. */
export interface BuildJob extends ReadPlan {
  /** Unique: containers, networks and snapshots bear it. */
  readonly id: string;
  /** The playground: caches and secrets of one are never seen by another. */
  readonly recordName: string;
  readonly context: ContextTree;
  readonly record: BuildRecord;
  readonly noCache: boolean;
  readonly pull: boolean;
  readonly secrets: BuildRequest["secrets"];
  readonly sshKeys: BuildRequest["sshKeys"];
  readonly registryCredentials: readonly RegistryCredential[];
  readonly limits: BuildRequest["limits"];
  /** Null for builds of playgrounds and of the worker itself. */
  readonly surroundings: Surroundings | null;
  readonly emit: (event: BuildEvent) => void;
  /** The build's time; `signal` is aborted when it is over, too. */
  readonly clock: BuildClock;
  readonly signal: AbortSignal;
  /** For the build's own files; removed with what the build owns. */
  readonly directory: string;
}

/** What all builds of a builder share. */
export interface SharedParts {
  readonly images: BuiltImages;
  readonly cache: LayerCache;
  readonly flights: Flights;
  readonly networks: PreparedNetworks;
}

/** One build while it runs: what all of its steps use. */
export class BuildRun {
  readonly job: BuildJob;
  readonly parts: BuilderOptions;
  readonly shared: SharedParts;
  readonly steps: PlanSteps;
  readonly logBudget = new LogBudget();
  readonly stagesAtOnce = new Places(STAGES_AT_ONCE);
  /** What each step stood on. */
  readonly notes = new StepNotes();
  /** Logs of steps that were carried out. */
  readonly logs = new Map<number, StepLog>();
  /** Aborted when the build is cancelled, or when a part of it failed. */
  readonly signal: AbortSignal;
  /** Which runs of a step the build can share. */
  readonly lane: string;
  /** What the steps write that this build begins. */
  readonly space: BuildSpace;
  /** The stage of that number, once it is built. */
  stage: (index: number) => Promise<Stage> = () => Promise.reject(new Error("no stages yet"));
  readonly #failing = new AbortController();
  readonly #end = new AbortController();
  readonly #images: BaseImageFinder;
  readonly #localImages = new Map<string, Promise<Image | null>>();
  readonly #joined = new Set<StepRun>();
  readonly #begun = new Set<StepRun>();
  readonly #background: Promise<void>[] = [];
  readonly #owned: (() => unknown)[] = [];
  #holds = 1;
  #network: Promise<TakenNetwork> | null = null;
  #ownNetwork: Promise<AcquiredNetwork> | null = null;
  #cgroup: Promise<string> | null = null;

  constructor(job: BuildJob, parts: BuilderOptions, shared: SharedParts) {
    this.job = job;
    this.parts = parts;
    this.shared = shared;
    this.steps = new PlanSteps(job.plan, this.emit);
    this.signal = AbortSignal.any([job.signal, this.#failing.signal]);
    const { memoryBytes, cpus, pids, diskBytes } = job.limits;
    // What runs in somebody's own network and group is shared within that.
    const place = job.surroundings && [job.surroundings.cgroup, job.surroundings.hosts];
    this.lane = JSON.stringify([job.noCache, memoryBytes, cpus, pids, diskBytes, place]);
    this.space = new BuildSpace(parts.disks, diskBytes);
    this.#images = new BaseImageFinder(
      { ...job, images: job.surroundings?.images ?? null },
      parts,
      this.signal,
    );
    const lease = parts.imageStore.lease("used");
    this.own(() => lease.release());
  }

  /** Tells an event, unless the build is over. */
  readonly emit = (event: BuildEvent): void => {
    if (!this.#end.signal.aborted) this.job.emit(event);
  };

  /** The first failure counts; it ends all other parts of the build. */
  fail(thrown: unknown, step: number | null, instruction: Instruction | null): void {
    if (this.#failing.signal.aborted) return;
    const lastLines = step === null ? [] : (this.logs.get(step)?.lastLines() ?? []);
    const failure = new BuildFailure(SlipwayError.from(thrown), step, instruction?.range ?? null, lastLines);
    this.#failing.abort(failure);
  }

  /** Throws what ended the build, if something did. */
  checkFailed(): void {
    this.job.signal.throwIfAborted();
    this.#failing.signal.throwIfAborted();
  }

  /** Stands for the files of a stage that has none; lives as long as the worker. */
  get emptyDirectory(): string {
    return path.join(this.parts.directory, EMPTY_DIRECTORY);
  }

  /**
   * Leaves something to the build, which lets go of it when its end has come and no shared run of one of its steps needs it
   * any more: what the `work` of a step uses beside its scope.
   */
  own(dispose: () => unknown): void {
    this.#owned.push(dispose);
  }

  /** Begins the run of a step, which holds what the build owns until it is over. */
  begin(step: FileStep, key: Digest, parent: Tip): StepRun {
    const stepRun = this.shared.flights.start(this.lane, {
      key,
      id: `build-${this.job.id}-${step.step}`,
      directory: path.join(this.job.directory, `step-${step.step}`),
      parent,
      work: step.work,
      network: () => this.#takeNetwork(),
      cgroup: () => this.#makeCgroup(),
      space: this.space,
      isStaged: step.isProgram === true,
      release: () => this.#letGo(),
    });
    this.#begun.add(stepRun);
    this.#holds += 1;
    return stepRun;
  }

  /** True if this very build began the run. */
  began(stepRun: StepRun): boolean {
    return this.#begun.has(stepRun);
  }

  /** The build's network, for what has to be asked before the key of a step is known. */
  network(): Promise<AcquiredNetwork> {
    return this.#takeNetwork();
  }

  /** Waits for a run for as long as the build lasts. */
  join(stepRun: StepRun): void {
    if (this.#joined.has(stepRun)) return;
    this.#joined.add(stepRun);
    this.job.clock.follow(stepRun.started, stepRun.worked);
    stepRun.join(this.#end.signal);
  }

  /** Something that the build's end waits for; its failure is one of the step. */
  inBackground(step: number, work: () => Promise<void>): void {
    const instruction = this.steps.instruction(step);
    this.#background.push(work().catch((error: unknown) => this.fail(error, step, instruction)));
  }

  /** Waits for everything that goes on in the background. */
  async settle(): Promise<void> {
    await Promise.all(this.#background);
  }

  /** The image that a reference names here without asking anybody, or null; the same all through the build. */
  localImage(reference: string): Promise<Image | null> {
    let image = this.#localImages.get(reference);
    if (!image) {
      image = this.#images.local(reference);
      image.catch(() => undefined);
      this.#localImages.set(reference, image);
    }
    return image;
  }

  /** The image that a reference names, from the store, pulled or made now. Rejects with `base-image-missing`. */
  async baseImage(reference: string, report?: BaseImageReport): Promise<Image> {
    return (await this.localImage(reference)) ?? (await this.#images.get(reference, report));
  }

  /**
   * The files of the stage or image that `--from` or `from=` names (COPY, RUN --mount): directories of an overlay, the
   * topmost first, at least one. They stay as long as the build and what it owns.
   */
  async filesOf(from: string): Promise<readonly string[]> {
    const index = this.job.plan.stageIndex.get(from.toLowerCase());
    const snapshot =
      index === undefined ? (await this.baseImage(from)).snapshot : await this.#filesOfStage(index);
    return snapshot === null ? [this.emptyDirectory] : await this.parts.snapshotter.layers(snapshot);
  }

  /** The build is over: nobody hears of it any more, and what nobody else needs goes. */
  async end(): Promise<void> {
    this.#end.abort();
    // Whatever of it is over or was given up; other runs serve other builds now.
    const mine = [...this.#joined].filter((stepRun) => stepRun.isOver || stepRun.isAbandoned);
    await Promise.all(mine.map((stepRun) => stepRun.ended));
    await this.#letGo();
  }

  /** Expands the variables of one word of an instruction. */
  expand(stage: Stage, word: string): string {
    return this.expanding(word, () => expandWord(word, stage.variables, this.job.escape));
  }

  /** Runs an expansion; what can't be expanded is the Dockerfile's fault. */
  expanding<Result>(text: string, work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof ExpansionError)) throw error;
      throw new SlipwayError(
        "dockerfile-invalid",
        `Can't expand "${text.slice(0, 200)}": ${error.message}.`,
        { params: { reason: error.message } },
      );
    }
  }

  async #filesOfStage(index: number): Promise<string | null> {
    const stage = await this.stage(index);
    await finishStage(stage);
    return await stage.tip.settled;
  }

  async #takeNetwork(): Promise<AcquiredNetwork> {
    const { surroundings } = this.job;
    if (surroundings) {
      this.#ownNetwork ??= this.#acquire(surroundings);
      return await this.#ownNetwork;
    }
    this.#network ??= this.shared.networks.take();
    return (await this.#network).network;
  }

  async #acquire({ network }: Surroundings): Promise<AcquiredNetwork> {
    this.own(() => network.release());
    return await network.acquire();
  }

  /** One for all steps of the build: together they have the limits. */
  async #makeCgroup(): Promise<string> {
    if (this.job.surroundings) return this.job.surroundings.cgroup;
    const name = `build-${this.job.id}`;
    const { cgroups } = this.parts;
    this.#cgroup ??= cgroups.create(name, this.job.limits).then(() => cgroups.path(name));
    return await this.#cgroup;
  }

  /** The last one that lets go takes all away. Every part is tried, the first failure is thrown. */
  async #letGo(): Promise<void> {
    this.#holds -= 1;
    if (this.#holds > 0) return;
    const results = await Promise.allSettled([
      ...this.#owned.splice(0).map(async (dispose) => await dispose()),
      this.#network?.then((network) => this.shared.networks.release(network)),
      this.#cgroup?.then(() => this.parts.cgroups.remove(`build-${this.job.id}`)),
    ]);
    results.push(...(await Promise.allSettled([this.space.release()])));
    for (const result of results) if (result.status === "rejected") throw result.reason;
  }
}
