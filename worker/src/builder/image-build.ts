import path from "node:path";
import { type Diagnostic, type Instruction, parseDockerfile, planBuild } from "@slipway/dockerfile";
import { type BuildEvent, type BuildRequest, SlipwayError, type SourceRange } from "@slipway/protocol";
import type { Image } from "../image-store/image-store.ts";
import { BuildRecord } from "./build-record.ts";
import { BuildRun } from "./build-run.ts";
import type { BuilderOptions } from "./builder.ts";
import { executionConfig } from "./config.ts";
import type { LayerCache } from "./layer-cache.ts";
import { ARCHITECTURE, PLATFORM, PLATFORM_ARGS } from "./platform.ts";
import type { ContextTree } from "./source/context-tree.ts";
import { applyIgnoreFile } from "./source/read-context.ts";
import type { Stage } from "./stage.ts";
import { buildStage } from "./stages.ts";

/** Characters of an instruction that a plan shows. */
const PLAN_TEXT_CHARACTERS = 4096;
const MAX_STEPS = 10_000;

/** What is built, wherever it came from. */
export interface BuildSource {
  /** a-z and 0-9, unique among running builds. */
  readonly id: string;
  /** Whose last build explains what runs again. */
  readonly recordName: string;
  /** Path of the Dockerfile in the context. */
  readonly dockerfile: string;
  readonly context: ContextTree;
  readonly noCache: boolean;
  readonly secrets: BuildRequest["secrets"];
  readonly sshKeys: BuildRequest["sshKeys"];
  readonly limits: BuildRequest["limits"];
  /** For the build's own files; the caller removes it. */
  readonly directory: string;
}

/** A failure with the place in the Dockerfile that it belongs to. */
export class BuildFailure extends Error {
  override readonly name = "BuildFailure";
  readonly error: SlipwayError;
  readonly step: number | null;
  readonly range: SourceRange | null;

  constructor(error: SlipwayError, step: number | null, range: SourceRange | null) {
    super(error.message, { cause: error });
    this.error = error;
    this.step = step;
    this.range = range;
  }
}

/** Builds the image of a Dockerfile's last stage. Rejects with BuildFailure, and leaves nothing but the cache then. */
export async function buildImage(
  parts: BuilderOptions,
  cache: LayerCache,
  source: BuildSource,
  emit: (event: BuildEvent) => void,
  signal: AbortSignal,
): Promise<Image> {
  const { escape, plan, warnings } = readPlan(source);
  await applyIgnoreFile(source.context, source.dockerfile, signal);
  const record = await BuildRecord.open(path.join(parts.directory, "records"), source.recordName);
  const run = new BuildRun({ ...source, plan, escape, record, emit, signal }, parts, cache);
  try {
    const firstSteps = announce(run);
    for (const { code, message, range } of warnings) emit({ type: "warning", code, message, range });
    let target: Stage | null = null;
    for (const [index, stage] of plan.stages.entries())
      target = await buildStage(run, stage, firstSteps[index] ?? 0);
    run.current = null;
    if (!target) throw new SlipwayError("internal", "The plan has no stages.");
    return await createImage(parts, target);
  } catch (error) {
    signal.throwIfAborted();
    throw new BuildFailure(
      SlipwayError.from(error),
      run.current?.step ?? null,
      run.current?.instruction.range ?? null,
    );
  } finally {
    await Promise.all([run.release(), record.save()]);
  }
}

function readPlan(source: BuildSource) {
  const text = source.context.text(source.dockerfile);
  if (text === null) {
    const name = source.dockerfile.slice(0, 1000);
    const error = new SlipwayError("dockerfile-missing", `There is no "${name}" in the build context.`, {
      params: { path: name },
    });
    throw new BuildFailure(error, null, null);
  }
  const dockerfile = parseDockerfile(text);
  const { plan, diagnostics } = planBuild(dockerfile, { platform: PLATFORM, predefined: PLATFORM_ARGS });
  const all = [...dockerfile.diagnostics, ...diagnostics];
  if (!plan) throw invalidDockerfile(all);
  const steps = plan.stages.reduce((sum, stage) => sum + 1 + stage.instructions.length, 0);
  if (steps > MAX_STEPS) {
    const error = new SlipwayError(
      "dockerfile-invalid",
      `The Dockerfile has more than ${MAX_STEPS} instructions.`,
    );
    throw new BuildFailure(error, null, null);
  }
  const warnings = all.filter(({ severity }) => severity === "warning");
  return { plan, escape: dockerfile.directives.escape, warnings };
}

function invalidDockerfile(diagnostics: readonly Diagnostic[]): BuildFailure {
  const first = diagnostics.find(({ severity }) => severity === "error");
  if (!first)
    return new BuildFailure(new SlipwayError("internal", "There is no plan and no error."), null, null);
  const unsupported = first.code === "flag-unsupported";
  const params = {
    reason: first.code,
    message: first.message.slice(0, 4000),
    line: first.range.startLine,
    column: first.range.startColumn,
    ...(first.suggestion === null ? {} : { suggestion: first.suggestion }),
  };
  const code = unsupported ? "instruction-unsupported" : "dockerfile-invalid";
  return new BuildFailure(new SlipwayError(code, first.message, { params }), null, first.range);
}

/** Emits the plan. The result is the number of each stage's first step. */
function announce({ job }: BuildRun): number[] {
  const firstSteps: number[] = [];
  const steps: (BuildEvent & { type: "plan" })["steps"] = [];
  for (const stage of job.plan.stages) {
    firstSteps.push(steps.length);
    for (const instruction of [stage.from, ...stage.instructions] as Instruction[]) {
      const text = instruction.text.replaceAll(/\s+/g, " ").slice(0, PLAN_TEXT_CHARACTERS);
      steps.push({ step: steps.length, stage: stage.name.slice(0, 256), text, range: instruction.range });
    }
  }
  job.emit({ type: "plan", steps, stages: [] });
  return firstSteps;
}

async function createImage(parts: BuilderOptions, stage: Stage): Promise<Image> {
  return await parts.imageStore.create(
    {
      created: stage.createdAt,
      architecture: ARCHITECTURE,
      os: "linux",
      config: executionConfig(stage.config),
      rootfs: { type: "layers", diff_ids: stage.layers.map(({ diffId }) => diffId) },
      history: stage.history,
    },
    stage.layers,
  );
}
