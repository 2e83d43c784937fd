import { mkdir, rm } from "node:fs/promises";
import type { BuildEvent } from "@slipway/protocol";
import { digestOf } from "../content/digest.ts";
import { nextChainId } from "../image-store/chain-id.ts";
import { diffUpper } from "../layer/diff.ts";
import { LAYER_LIMITS } from "../layer/layer.ts";
import { MEDIA_TYPE_LAYER } from "../oci/image-spec.ts";
import type { ActiveSnapshot } from "../snapshot/snapshotter.ts";
import type { BuildRun } from "./build-run.ts";
import type { AcquiredNetwork } from "./builder.ts";
import { historyEntry } from "./history.ts";
import type { CachedStep } from "./layer-cache.ts";
import { StepLog } from "./log.ts";
import type { Stage } from "./stage.ts";

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
}

/** A step that changes files: RUN, COPY, ADD, WORKDIR. */
export interface FileStep {
  readonly step: number;
  /** Place within its stage. */
  readonly index: number;
  /** All that the result depends on, beside what is below and the files: becomes part of the key as JSON. */
  readonly definition: unknown;
  /**
   * True when the result must never be used by another playground, nor anything that is built on it: what had a secret, an
   * ssh agent or a cache mount.
   */
  readonly isPrivate?: boolean;
  /** Digests of the files that are copied, by path. */
  readonly files: ReadonlyMap<string, string> | null;
  /** created_by of the history, without "# buildkit". */
  readonly history: string;
  /** Changes the snapshot's upper directory. */
  readonly work: (active: ActiveSnapshot, scope: StepScope) => Promise<void>;
}

/** Takes the step from the cache, or carries it out and keeps its result there. */
export async function fileStep(run: BuildRun, stage: Stage, step: FileStep): Promise<void> {
  const { job, cache } = run;
  const definition = digestOf(JSON.stringify(step.definition));
  const files = step.files ? digestOf(JSON.stringify([...step.files])) : null;
  const key = digestOf(JSON.stringify([stage.chain, definition, files]));
  const missReason = job.record.step(stage.plan.index, step.index, { definition, files: step.files });
  const cached = job.noCache ? null : await cache.get(key, stage.snapshot);
  if (cached) {
    job.emit({ type: "step-cached", step: step.step, hit: "same-inputs" });
    take(stage, step, key, cached);
    return;
  }
  const miss: (BuildEvent & { type: "step-started" })["miss"] = job.noCache
    ? { reason: "no-cache" }
    : stage.missed
      ? { reason: "parent-missed" }
      : missReason;
  job.emit({ type: "step-started", step: step.step, miss, shared: false });
  const started = performance.now();
  const result = await carryOut(run, stage, step);
  await cache.set(key, result);
  stage.missed = true;
  take(stage, step, key, result);
  job.emit({
    type: "step-finished",
    step: step.step,
    durationMs: performance.now() - started,
    bytesAdded: result.bytesAdded,
    filesChanged: result.filesChanged,
  });
}

function take(stage: Stage, step: FileStep, key: string, result: CachedStep): void {
  stage.chain = key;
  stage.snapshot = result.snapshot;
  stage.createdAt = result.createdAt;
  if (result.layer) stage.layers.push(result.layer);
  stage.history.push(historyEntry(result.createdAt, step.history, result.layer !== null, true));
}

async function carryOut(run: BuildRun, stage: Stage, step: FileStep): Promise<CachedStep> {
  const { job, parts, snapshotKey } = run;
  const log = new StepLog(step.step, job.emit, run.logBudget);
  const parent = stage.snapshot;
  const directory = run.stepDirectory(step.step);
  const active = await parts.snapshotter.prepare(snapshotKey, parent);
  try {
    await mkdir(directory, { mode: 0o700 });
    const scope: StepScope = {
      log,
      signal: job.signal,
      directory,
      id: `build-${job.id}-${step.step}`,
      network: () => run.network(),
      cgroup: () => run.cgroup(),
    };
    await step.work(active, scope);
    job.signal.throwIfAborted();
    const layer = await diffUpper(active.upper, active.lowers, {
      content: parts.content,
      limits: LAYER_LIMITS,
      signal: job.signal,
    });
    const createdAt = new Date().toISOString();
    // As in BuildKit, a step that changed nothing has no layer.
    if (!layer) return { parent, snapshot: parent, layer: null, createdAt, bytesAdded: 0, filesChanged: 0 };
    const snapshot = nextChainId(parent, layer.digest);
    await parts.snapshotter.commit(snapshot, snapshotKey);
    const { digest, sizeBytes, bytesAdded, filesChanged } = layer;
    return {
      parent,
      snapshot,
      layer: { digest, diffId: digest, sizeBytes, mediaType: MEDIA_TYPE_LAYER },
      createdAt,
      bytesAdded,
      filesChanged,
    };
  } finally {
    log.end();
    await rm(directory, { recursive: true, force: true });
    // After a commit there is no such key any more, and that is no error.
    await parts.snapshotter.remove(snapshotKey);
  }
}
