import { type CacheMiss, type Digest, SlipwayError } from "@slipway/protocol";
import { digestOf } from "../content/digest.ts";
import type { ActiveSnapshot } from "../snapshot/snapshotter.ts";
import type { BuildRun } from "./build-run.ts";
import type { CachedStep } from "./layer-cache.ts";
import { logWriter } from "./log.ts";
import { addStep, type Stage } from "./stage.ts";
import type { StepRun, StepScope } from "./step-run.ts";
import { Tip } from "./tip.ts";
import { untilAborted } from "./until-aborted.ts";

export type { StepScope } from "./step-run.ts";

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
  /** created_by of the history. */
  readonly history: string;
  /** True when what is written is not known before: a program of somebody else's writes it. */
  readonly isProgram?: boolean;
  /** Changes the snapshot's upper directory. */
  readonly work: (active: ActiveSnapshot, scope: StepScope) => Promise<void>;
}

/** Takes the step from the cache, shares the run of it that is under way, or begins one and keeps its result. */
export async function fileStep(run: BuildRun, stage: Stage, step: FileStep): Promise<void> {
  const { job } = run;
  const definition = digestOf(JSON.stringify(step.definition));
  const files = step.files ? digestOf(JSON.stringify([...step.files])) : null;
  const owner = step.isPrivate ? job.recordName : null;
  const key = digestOf(JSON.stringify([stage.chain, definition, files, owner]));
  const { isUnchanged, miss } = stage.record.explain(step.index, { definition, files: step.files, key });
  const cached = await fromCache(run, stage.tip, key);
  if (cached) {
    run.emit({
      type: "step-cached",
      step: step.step,
      hit: isUnchanged ? "unchanged" : "same-inputs",
      bytesAdded: cached.bytesAdded,
      ...(cached.files && { files: cached.files }),
    });
    stage.record.done(step.index);
    const tip = Tip.committed(cached.snapshot);
    return addStep(stage, { key, tip, text: step.history, result: Promise.resolve(cached) });
  }
  const why: CacheMiss = job.noCache
    ? { reason: "no-cache" }
    : stage.missed
      ? { reason: "parent-missed" }
      : miss;
  stage.missed = true;
  const leave = await run.stagesAtOnce.take(run.signal);
  try {
    const { stepRun, tip } = await carryOut(run, stage, step, key, why);
    const result = stepRun.settled.then((settled) => settled.step);
    result.catch(() => undefined);
    addStep(stage, { key, tip, text: step.history, result });
  } finally {
    leave();
  }
}

async function fromCache(run: BuildRun, tip: Tip, key: Digest): Promise<CachedStep | null> {
  const { cache, flights } = run.shared;
  // On files that were made a moment ago, nothing can be cached.
  if (run.job.noCache || tip.name === undefined) return null;
  const known = cache.peek(key, tip.name);
  if (known || flights.find(run.lane, key, tip)) return known;
  // A run may have come to its end while the disk was read.
  return (await cache.get(key, tip.name)) ?? cache.peek(key, tip.name);
}

/** Joins a run and waits until its files are there; what is said of its end is said when it comes. */
async function carryOut(
  run: BuildRun,
  stage: Stage,
  step: FileStep,
  key: Digest,
  miss: CacheMiss,
): Promise<{ stepRun: StepRun; tip: Tip }> {
  const { flights } = run.shared;
  const under = flights.find(run.lane, key, stage.tip);
  run.emit({ type: "step-started", step: step.step, miss, shared: under !== null && !run.began(under) });
  if (under === null) return await follow(run, stage, step, run.begin(step, key, stage.tip));
  try {
    return await follow(run, stage, step, under);
  } catch (error) {
    // It had the room of another build, which may have filled it elsewhere.
    if (run.began(under) || SlipwayError.from(error).code !== "build-disk-full") throw error;
    run.signal.throwIfAborted();
    return await follow(run, stage, step, run.begin(step, key, stage.tip));
  }
}

/** Waits until the files of a run are there; what comes later goes on in the background. */
async function follow(
  run: BuildRun,
  stage: Stage,
  step: FileStep,
  stepRun: StepRun,
): Promise<{ stepRun: StepRun; tip: Tip }> {
  run.join(stepRun);
  run.logs.set(step.step, stepRun.log);
  run.own(stepRun.log.follow(logWriter(step.step, run.emit, run.logBudget)));
  const tip = await untilAborted(stepRun.worked, run.signal);
  run.inBackground(step.step, async () => {
    const { step: made, durationMs } = await untilAborted(stepRun.settled, run.signal);
    stage.record.done(step.index);
    const { bytesAdded, filesChanged, files } = made;
    const changes = { bytesAdded, filesChanged, ...(files && { files }) };
    run.emit({ type: "step-finished", step: step.step, durationMs, ...changes });
  });
  return { stepRun, tip };
}
