import { mkdirSync, rmSync } from "node:fs";
import { type Digest, SlipwayError } from "@slipway/protocol";
import { nextChainId } from "../image-store/chain-id.ts";
import { diffUpper } from "../layer/diff.ts";
import { type DiffedLayer, LAYER_LIMITS } from "../layer/layer.ts";
import { TAR_END } from "../layer/tar-encoder.ts";
import { MEDIA_TYPE_LAYER } from "../oci/image-spec.ts";
import type { ActiveSnapshot } from "../snapshot/snapshotter.ts";
import type { BuildSpace } from "./build-space.ts";
import type { AcquiredNetwork, BuilderOptions } from "./builder.ts";
import { Deferred } from "./deferred.ts";
import type { CachedStep, LayerCache } from "./layer-cache.ts";
import { StepLog } from "./log.ts";
import type { Places } from "./places.ts";
import { Tip } from "./tip.ts";

/**
 * What a step has while it is carried out. Nothing in it belongs to one build: builds that reach the same step at the same
 * moment share one run of it, which goes on when the build that began it is cancelled. So `work` takes log, signal, network
 * and limits from here and never from the build; what else it uses of the build it registers with `BuildRun.own`.
 */
export interface StepScope {
  readonly log: StepLog;
  /** Aborted when no build waits for the result any more. */
  readonly signal: AbortSignal;
  /** The step's own private directory; it is removed afterwards. */
  readonly directory: string;
  /** a-z, 0-9 and dashes, unique on this worker, at most 48 characters: for containers and mount points. */
  readonly id: string;
  network(): Promise<AcquiredNetwork>;
  /** cgroup with the limits of a build, below which containers are put. */
  cgroup(): Promise<string>;
  /** What a build may write. */
  readonly space: BuildSpace;
}

/** What all runs of a builder share. */
export interface RunParts extends Pick<BuilderOptions, "snapshotter" | "content"> {
  readonly cache: LayerCache;
  /** Bounds the steps that are carried out at the same time. */
  readonly runs: Places;
  /** Bounds the layers that are made behind the steps' backs. */
  readonly layers: Places;
}

export interface RunOrder {
  readonly key: Digest;
  /** Names the run's container and snapshot; see StepScope. */
  readonly id: string;
  readonly directory: string;
  readonly parent: Tip;
  readonly work: (active: ActiveSnapshot, scope: StepScope) => Promise<void>;
  readonly network: () => Promise<AcquiredNetwork>;
  readonly cgroup: () => Promise<string>;
  readonly space: BuildSpace;
  /** True when somebody else's program writes the files: they lie on the disk of the space then, until they are a layer. */
  readonly isStaged: boolean;
  /** Lets go of what the run used of the build that began it. */
  readonly release: () => Promise<void>;
}

/** A result with the time that it took. */
export interface SettledStep {
  readonly step: CachedStep;
  readonly durationMs: number;
}

/**
 * One run of a step for all builds that want its result. It has two ends: `worked`, when the files are there and the next
 * step may start on them, and `settled`, when their layer is in the store and the result in the cache. A run that nobody
 * waits for any more is aborted, at whatever point it is.
 */
export class StepRun {
  readonly log = new StepLog();
  readonly parent: Tip;
  /** Resolves when it has a place among all that are carried out. */
  readonly started: Promise<void>;
  readonly worked: Promise<Tip>;
  readonly settled: Promise<SettledStep>;
  /** Resolves when nothing of the run is left but its result. */
  readonly ended: Promise<void>;
  readonly #parts: RunParts;
  readonly #order: RunOrder;
  readonly #abort = new AbortController();
  readonly #started = new Deferred<void>();
  #members = 0;
  #isOver = false;

  constructor(parts: RunParts, order: RunOrder) {
    this.#parts = parts;
    this.#order = order;
    this.parent = order.parent;
    this.started = this.#started.promise;
    const worked = new Deferred<Tip>();
    const settled = new Deferred<SettledStep>();
    this.worked = worked.promise;
    this.settled = settled.promise;
    const over = this.#carryOut((tip) => worked.resolve(tip)).then(
      (step) => {
        this.#isOver = true;
        settled.resolve(step);
      },
      (error: unknown) => {
        this.#isOver = true;
        this.#started.reject(error);
        worked.reject(error);
        settled.reject(error);
      },
    );
    // What could not be taken away is found when the worker starts again; see createBuilder.
    this.ended = over.then(() => order.release()).catch(() => undefined);
  }

  /** True when there is a result, or will never be one. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** True when nobody waits for it: it is over, or about to be. */
  get isAbandoned(): boolean {
    return this.#abort.signal.aborted;
  }

  /** One more build waits for the result, until `signal` is aborted. */
  join(signal: AbortSignal): void {
    this.#members += 1;
    const leave = () => {
      this.#members -= 1;
      if (this.#members === 0) this.#abort.abort(cancelled());
    };
    if (signal.aborted) leave();
    else signal.addEventListener("abort", leave, { once: true });
    void this.ended.then(() => signal.removeEventListener("abort", leave));
  }

  async #carryOut(worked: (tip: Tip) => void): Promise<SettledStep> {
    const { snapshotter, runs, layers } = this.#parts;
    const { id } = this.#order;
    const { signal } = this.#abort;
    const leaveRuns = await this.#place(runs);
    this.#started.resolve();
    const started = performance.now();
    let leaveLayers = () => {};
    try {
      const active = await this.#prepare();
      await this.#work(active);
      leaveLayers = await layers.take(signal);
      leaveRuns();
      const made = await this.#layer(active, worked);
      await this.#parts.cache.set(this.#order.key, made);
      return { step: made, durationMs: performance.now() - started };
    } finally {
      leaveRuns();
      leaveLayers();
      // After a commit there is no such key any more, and that is no error.
      await snapshotter.remove(id);
    }
  }

  async #prepare(): Promise<ActiveSnapshot> {
    const { id, parent, space, isStaged } = this.#order;
    const staging = isStaged ? await space.stage() : undefined;
    return await parent.prepare(this.#parts.snapshotter, id, staging);
  }

  async #place(places: Places): Promise<() => void> {
    try {
      return await places.take(this.#abort.signal);
    } catch (error) {
      this.log.end();
      throw error;
    }
  }

  async #work(active: ActiveSnapshot): Promise<void> {
    const { id, directory, work, network, cgroup, space } = this.#order;
    const { signal } = this.#abort;
    try {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      await work(active, { log: this.log, signal, directory, id, network, cgroup, space });
      signal.throwIfAborted();
    } finally {
      this.log.end();
      rmSync(directory, { recursive: true, force: true });
    }
  }

  /** The files are there for the next step from here on; their layer is made meanwhile. */
  async #layer(active: ActiveSnapshot, worked: (tip: Tip) => void): Promise<CachedStep> {
    const committed = new Deferred<string | null>();
    worked(Tip.pending(active.key, committed.promise));
    try {
      const step = await this.#makeLayer(active);
      committed.resolve(step.snapshot);
      return step;
    } catch (error) {
      committed.reject(error);
      throw error;
    }
  }

  async #makeLayer(active: ActiveSnapshot): Promise<CachedStep> {
    const { snapshotter, content } = this.#parts;
    const { signal } = this.#abort;
    const { space } = this.#order;
    const charge = (bytes: number) => space.chargeLayer(bytes);
    const carried = snapshotter.carryOver(active.key, signal);
    // Its failure comes up at the commit, too.
    carried.catch(() => undefined);
    const diff = await diffUpper(active.upper, active.lowers, {
      content,
      limits: LAYER_LIMITS,
      signal,
      charge,
    });
    const layer = diff ?? (await emptyLayer(content));
    await carried;
    const parent = await this.parent.settled;
    signal.throwIfAborted();
    const snapshot = nextChainId(parent, layer.digest);
    await snapshotter.commit(snapshot, active.key);
    const { digest, sizeBytes, bytesAdded, files } = layer;
    const filesChanged = files.added + files.changed + files.removed;
    const stored = { digest, diffId: digest, sizeBytes, mediaType: MEDIA_TYPE_LAYER };
    return { parent, snapshot, layer: stored, createdAt: now(), bytesAdded, filesChanged, files };
  }
}

const now = (): string => new Date().toISOString();

/** As in BuildKit, a step that changes nothing has a layer all the same: a tar without entries. */
async function emptyLayer(content: RunParts["content"]): Promise<DiffedLayer> {
  return { ...(await content.put(TAR_END)), bytesAdded: 0, files: { added: 0, changed: 0, removed: 0 } };
}

function cancelled(): SlipwayError {
  return new SlipwayError("build-cancelled", "No build waits for the step any more.");
}
