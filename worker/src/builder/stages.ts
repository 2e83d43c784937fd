import type { Instruction, StagePlan } from "@slipway/dockerfile";
import { SlipwayError } from "@slipway/protocol";
import { chainId } from "../image-store/chain-id.ts";
import type { Image } from "../image-store/image-store.ts";
import type { BuildRun } from "./build-run.ts";
import { configOf } from "./config.ts";
import { copyStep } from "./copy-step.ts";
import { StepLog } from "./log.ts";
import { metadataStep } from "./metadata-step.ts";
import { runStep } from "./run-step.ts";
import { emptyStage, type Stage, stageFrom } from "./stage.ts";
import { workdirStep } from "./workdir-step.ts";

/** Builds one stage; those that it needs are built. `firstStep` is the number of its FROM in the plan. */
export async function buildStage(run: BuildRun, plan: StagePlan, firstStep: number): Promise<Stage> {
  run.current = { step: firstStep, instruction: plan.from };
  const stage = await startStage(run, plan, firstStep);
  run.job.record.base(plan.index, stage.chain);
  for (const [index, instruction] of plan.instructions.entries()) {
    run.job.signal.throwIfAborted();
    const step = firstStep + 1 + index;
    run.current = { step, instruction };
    await carryOut(run, stage, { step, index }, instruction);
  }
  run.stages.set(plan.index, stage);
  return stage;
}

async function carryOut(
  run: BuildRun,
  stage: Stage,
  at: { readonly step: number; readonly index: number },
  instruction: Instruction,
): Promise<void> {
  switch (instruction.kind) {
    case "from":
      throw new SlipwayError("internal", "FROM in the middle of a stage.");
    case "run":
      return await runStep(run, stage, at, instruction);
    case "copy":
    case "add":
      return await copyStep(run, stage, at, instruction);
    case "workdir":
      return await workdirStep(run, stage, at, instruction);
    default:
      return metadataStep(run, stage, at, instruction);
  }
}

async function startStage(run: BuildRun, plan: StagePlan, step: number): Promise<Stage> {
  const { base } = plan;
  if (base.kind === "image") return await startFromImage(run, plan, base.reference, step);
  run.job.emit({ type: "step-cached", step, hit: "base-present" });
  if (base.kind === "scratch") return emptyStage(plan);
  const earlier = run.stages.get(base.index);
  if (!earlier)
    throw new SlipwayError("internal", `Stage ${base.index} was not built before stage ${plan.index}.`);
  return stageFrom(plan, earlier);
}

async function startFromImage(
  run: BuildRun,
  plan: StagePlan,
  reference: string,
  step: number,
): Promise<Stage> {
  const { job } = run;
  const local = await localImage(run, reference);
  if (local) {
    job.emit({ type: "step-cached", step, hit: "base-present" });
    return fromImage(plan, local);
  }
  job.emit({ type: "step-started", step, miss: { reason: "first-time" }, shared: false });
  const started = performance.now();
  const log = new StepLog(step, job.emit, run.logBudget);
  const image = await run.baseImage(reference, (line) => log.line(line));
  log.end();
  const durationMs = performance.now() - started;
  job.emit({ type: "step-finished", step, durationMs, bytesAdded: image.sizeBytes, filesChanged: 0 });
  return fromImage(plan, image);
}

async function localImage(run: BuildRun, reference: string): Promise<Image | null> {
  try {
    return await run.parts.imageStore.resolve(reference);
  } catch (error) {
    if (!(error instanceof SlipwayError) || error.code !== "request-invalid") throw error;
    throw new SlipwayError("dockerfile-invalid", error.message, { params: error.params, cause: error });
  }
}

function fromImage(plan: StagePlan, image: Image): Stage {
  const { config, layers, snapshot } = image;
  const history = config.history ?? [];
  const chain = chainId(layers.map(({ diffId }) => diffId)) ?? "scratch";
  const empty = emptyStage(plan);
  const own = configOf(config.config ?? {});
  return {
    ...empty,
    config: own,
    variables: new Map(own.env),
    history: [...history],
    layers: [...layers],
    snapshot,
    chain,
    createdAt: config.created ?? history.at(-1)?.created ?? empty.createdAt,
  };
}
