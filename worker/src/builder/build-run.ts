import path from "node:path";
import { type BuildPlan, ExpansionError, expandWord, type Instruction } from "@slipway/dockerfile";
import { type BuildEvent, type BuildRequest, SlipwayError } from "@slipway/protocol";
import type { Image } from "../image-store/image-store.ts";
import type { BuildRecord } from "./build-record.ts";
import type { AcquiredNetwork, BuilderOptions } from "./builder.ts";
import type { LayerCache } from "./layer-cache.ts";
import { LogBudget } from "./log.ts";
import type { ContextTree } from "./source/context-tree.ts";
import type { Stage } from "./stage.ts";
import { variablesOf } from "./stage.ts";

/** An empty directory in the builder's own. */
export const EMPTY_DIRECTORY = "empty";

/** What one build is given. */
export interface BuildJob {
  /** Unique: containers, networks and snapshots bear it. */
  readonly id: string;
  readonly plan: BuildPlan;
  readonly escape: string;
  readonly context: ContextTree;
  readonly record: BuildRecord;
  readonly noCache: boolean;
  readonly limits: BuildRequest["limits"];
  readonly emit: (event: BuildEvent) => void;
  readonly signal: AbortSignal;
  /** For the build's own files; the caller removes it. */
  readonly directory: string;
}

/** One build while it runs: what all of its steps use. */
export class BuildRun {
  readonly job: BuildJob;
  readonly parts: BuilderOptions;
  readonly cache: LayerCache;
  readonly logBudget = new LogBudget();
  /** Finished stages by number. */
  readonly stages = new Map<number, Stage>();
  /** The step that runs now, for `failed`. */
  current: { readonly step: number; readonly instruction: Instruction } | null = null;
  #network: Promise<AcquiredNetwork> | null = null;
  #hasCgroup = false;
  readonly #owned: (() => void | Promise<void>)[] = [];

  constructor(job: BuildJob, parts: BuilderOptions, cache: LayerCache) {
    this.job = job;
    this.parts = parts;
    this.cache = cache;
  }

  /** Key of the one active snapshot that the build has at a time. */
  get snapshotKey(): string {
    return `build-${this.job.id}`;
  }

  /** Stands for the files of a stage that has none; lives as long as the worker. */
  get emptyDirectory(): string {
    return path.join(this.parts.directory, EMPTY_DIRECTORY);
  }

  stepDirectory(step: number): string {
    return path.join(this.job.directory, `step-${step}`);
  }

  /**
   * Leaves something to the build, which lets go of it when its end has come and no shared run of one of its steps needs it
   * any more: what the `work` of a step uses beside its scope.
   */
  own(dispose: () => void | Promise<void>): void {
    this.#owned.push(dispose);
  }

  /** The build's network, made when the first RUN needs it. */
  network(): Promise<AcquiredNetwork> {
    this.#network ??= this.parts.network.acquire(this.job.id);
    return this.#network;
  }

  async cgroup(): Promise<string> {
    if (!this.#hasCgroup) await this.parts.cgroups.create(this.snapshotKey, this.job.limits);
    this.#hasCgroup = true;
    return this.parts.cgroups.path(this.snapshotKey);
  }

  /** The image that a reference names, from the store or made now. Rejects with `base-image-missing`. */
  async baseImage(reference: string, onProgress: (line: string) => void): Promise<Image> {
    const { imageStore, baseImages } = this.parts;
    const local = await imageStore.resolve(reference);
    if (local) return local;
    const made = await baseImages.ensure(reference, onProgress, this.job.signal);
    if (made) return made;
    const tried = `images on this worker, images that it can make (${baseImages.names.join(", ")})`;
    throw new SlipwayError("base-image-missing", `There is no image "${reference}". Tried: ${tried}.`, {
      params: { reference: reference.slice(0, 1000), tried: tried.slice(0, 4000) },
    });
  }

  /**
   * The files of the stage or image that `--from` or `from=` names (COPY, RUN --mount): directories of an overlay, the
   * topmost first, at least one. They stay as long as the build and what it owns.
   */
  async filesOf(from: string): Promise<readonly string[]> {
    const index = this.job.plan.stageIndex.get(from.toLowerCase());
    const stage = index === undefined ? undefined : this.stages.get(index);
    const snapshot = stage ? stage.snapshot : (await this.baseImage(from, () => {})).snapshot;
    return snapshot === null ? [this.emptyDirectory] : await this.parts.snapshotter.layers(snapshot);
  }

  /** Lets go of all that the build holds. Every part is tried, the first failure is thrown. */
  async release(): Promise<void> {
    const results = await Promise.allSettled([
      ...this.#owned.splice(0).map(async (dispose) => await dispose()),
      this.parts.snapshotter.remove(this.snapshotKey),
      this.#network === null ? null : this.parts.network.release(this.job.id),
      this.#hasCgroup ? this.parts.cgroups.remove(this.snapshotKey) : null,
    ]);
    for (const result of results) if (result.status === "rejected") throw result.reason;
  }

  /** Expands the variables of one word of an instruction. */
  expand(stage: Stage, word: string): string {
    return this.expanding(word, () => expandWord(word, variablesOf(stage), this.job.escape));
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
        {
          params: { reason: error.message },
        },
      );
    }
  }
}
