import type { Instruction, StagePlan } from "@slipway/dockerfile";
import { SlipwayError } from "@slipway/protocol";
import type { BuildRun } from "./build-run.ts";
import { copyStep } from "./copy-step.ts";
import { logWriter, StepLog } from "./log.ts";
import { metadataStep } from "./metadata-step.ts";
import { runStep } from "./run-step.ts";
import {
  checkLayerCount,
  openStage,
  type Stage,
  type StageStart,
  startFromImage,
  startFromNothing,
  startFromStage,
} from "./stage.ts";
import { readTriggers } from "./triggers.ts";
import { untilAborted } from "./until-aborted.ts";
import { workdirStep } from "./workdir-step.ts";

/** Builds one stage. A failure is told to the run, with its step, and thrown. */
export async function buildStage(run: BuildRun, plan: StagePlan): Promise<Stage> {
  const { from } = run.steps.stage(plan.index);
  const stage = await failingAs(run, from, plan.from, async () =>
    openWith(run, plan, await start(run, plan, from)),
  );
  const { steps } = run.steps.stage(plan.index);
  run.notes.add(stage, from, steps[0]?.step ?? null);
  for (const [index, { step, instruction }] of steps.entries()) {
    await failingAs(run, step, instruction, async () => {
      run.signal.throwIfAborted();
      await keepingBelow(run, stage, () => carryOut(run, stage, { step, index }, instruction));
    });
    run.notes.add(stage, step, steps[index + 1]?.step ?? null);
  }
  return stage;
}

/**
 * When a step fails, the layers that it stood on are waited for before the failure ends everything: whoever looks into it opens
 * a terminal on them, and the next build finds them cached.
 */
async function keepingBelow(run: BuildRun, stage: Stage, work: () => Promise<void>): Promise<void> {
  const below = [...stage.history];
  try {
    await work();
  } catch (error) {
    const made = below.map((item) => (item.kind === "files" ? item.result : null));
    if (!run.signal.aborted) await untilAborted(Promise.allSettled(made), run.signal).catch(() => undefined);
    throw error;
  }
}

async function failingAs<Result>(
  run: BuildRun,
  step: number,
  instruction: Instruction,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    run.fail(error, step, instruction);
    throw error;
  }
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

/** Takes the base's triggers out of the config, into the plan, and opens the stage. */
function openWith(run: BuildRun, plan: StagePlan, base: StageStart): Stage {
  const triggers = readTriggers(base.config.onbuild, plan.from);
  base.config.onbuild = [];
  const known = run.steps.stage(plan.index).steps.length - plan.instructions.length;
  if (known === 0 && triggers.length > 0) run.steps.addTriggers(plan.index, triggers);
  const { steps } = run.steps.stage(plan.index);
  const record = run.job.record.stage(
    plan.name,
    steps.map(({ instruction }) => ({ kind: instruction.kind, text: writtenText(instruction) })),
  );
  record.base(base.chain);
  checkLayerCount(
    base,
    steps.map(({ instruction }) => instruction),
  );
  return openStage(plan, record, base);
}

/** The instruction with its here-documents, which its line does not have. */
function writtenText(instruction: Instruction): string {
  if (instruction.kind === "copy" || instruction.kind === "add")
    return instruction.text + JSON.stringify(instruction.inline);
  if (instruction.kind === "run" && instruction.command.form === "shell")
    return instruction.text + JSON.stringify(instruction.command.hereDocuments);
  return instruction.text;
}

async function start(run: BuildRun, { base }: StagePlan, step: number): Promise<StageStart> {
  if (base.kind === "image") return await fromImage(run, base.reference, step);
  const before = base.kind === "stage" ? startFromStage(await run.stage(base.index)) : startFromNothing();
  run.emit({ type: "step-cached", step, hit: "base-present" });
  return before;
}

async function fromImage(run: BuildRun, reference: string, step: number): Promise<StageStart> {
  const local = await run.localImage(reference);
  if (local) {
    run.emit({ type: "step-cached", step, hit: "base-present" });
    return startFromImage(local);
  }
  run.emit({ type: "step-started", step, miss: { reason: "first-time" }, shared: false });
  const started = performance.now();
  const log = new StepLog();
  run.logs.set(step, log);
  log.follow(logWriter(step, run.emit, run.logBudget));
  try {
    const image = await run.baseImage(reference, {
      line: (text) => log.line(text),
      pull: (pulled, layers) => {
        if (layers.length > 0)
          run.emit({ type: "pull", step, reference: pulled.slice(0, 512), layers: [...layers] });
      },
    });
    log.end();
    const durationMs = performance.now() - started;
    run.emit({ type: "step-finished", step, durationMs, bytesAdded: image.sizeBytes, filesChanged: 0 });
    return startFromImage(image);
  } finally {
    log.end();
  }
}
