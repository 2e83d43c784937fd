import type { BuildEvent } from "@slipway/protocol";
import { digestOf } from "../content/digest.ts";
import { nextChainId } from "../image-store/chain-id.ts";
import { diffUpper } from "../layer/diff.ts";
import { LAYER_LIMITS } from "../layer/layer.ts";
import { MEDIA_TYPE_LAYER } from "../oci/image-spec.ts";
import type { ActiveSnapshot } from "../snapshot/snapshotter.ts";
import type { BuildRun } from "./build-run.ts";
import { historyEntry } from "./history.ts";
import type { CachedStep } from "./layer-cache.ts";
import { StepLog } from "./log.ts";
import type { Stage } from "./stage.ts";

/** A step that changes files: RUN, COPY, ADD, WORKDIR. */
export interface FileStep {
  readonly step: number;
  /** Place within its stage. */
  readonly index: number;
  /** All that the result depends on, beside what is below and the files: becomes part of the key as JSON. */
  readonly definition: unknown;
  /** Digests of the files that are copied, by path. */
  readonly files: ReadonlyMap<string, string> | null;
  /** created_by of the history, without "# buildkit". */
  readonly history: string;
  /** Changes the snapshot's upper directory. */
  readonly work: (active: ActiveSnapshot, log: StepLog) => Promise<void>;
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
  const active = await parts.snapshotter.prepare(snapshotKey, parent);
  try {
    await step.work(active, log);
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
    // After a commit there is no such key any more, and that is no error.
    await parts.snapshotter.remove(snapshotKey);
  }
}
