import type { BuildEvent, BuildRequest, RegistryCredential } from "@slipway/protocol";
import type { Image } from "../image-store/image-store.ts";
import type { BuildClock } from "./build-clock.ts";
import type { BuildRecords } from "./build-records.ts";
import { BuildRun, type SharedParts } from "./build-run.ts";
import type { BuilderOptions } from "./builder.ts";
import type { BuiltImages } from "./built-images.ts";
import { copyConfig, executionConfig } from "./config.ts";
import type { Surroundings } from "./own-build.ts";
import { ARCHITECTURE } from "./platform.ts";
import type { PlanReader } from "./read-plan.ts";
import type { ContextTree } from "./source/context-tree.ts";
import { finishStage, type Stage } from "./stage.ts";
import { StageGraph } from "./stage-graph.ts";
import type { StepStates } from "./step-states/step-states.ts";

/** What is built, wherever it came from. */
export interface BuildSource {
  /** a-z and 0-9, unique among running builds. */
  readonly id: string;
  /** The playground, or what stands for one: its last build explains what runs again, and its secrets stay its own. */
  readonly recordName: string;
  /** Path of the Dockerfile in the context. */
  readonly dockerfile: string;
  readonly context: ContextTree;
  readonly noCache: boolean;
  readonly pull: boolean;
  readonly target: string | null;
  readonly buildArgs: BuildRequest["buildArgs"];
  readonly secrets: BuildRequest["secrets"];
  readonly sshKeys: BuildRequest["sshKeys"];
  readonly registryCredentials: readonly RegistryCredential[];
  readonly limits: BuildRequest["limits"];
  /** Null for builds of playgrounds and of the worker itself. */
  readonly surroundings: Surroundings | null;
  /** Of the image, beside those of the Dockerfile. */
  readonly labels: Readonly<Record<string, string>>;
  readonly clock: BuildClock;
  /** For the build's own files. */
  readonly directory: string;
  /** True when what its steps stand on can be opened later. */
  readonly keepsSteps: boolean;
  /** Takes the directory away. */
  readonly dispose: () => Promise<void>;
}

export interface BuildHouse {
  readonly parts: BuilderOptions;
  readonly shared: SharedParts;
  readonly records: BuildRecords;
  readonly plans: PlanReader;
  readonly states: StepStates;
}

/**
 * Builds the image of a Dockerfile's target and hands it to `keep`, which gives it a name; its result is the result. Rejects with BuildFailure.
 * When it ends, nothing is left but the cache, and what a run still uses that the build shared with others; that goes,
 * with the build's directory, when the run ends.
 */
export async function buildImage<Result>(
  house: BuildHouse,
  source: BuildSource,
  keep: (image: Image) => Promise<Result>,
  emit: (event: BuildEvent) => void,
  signal: AbortSignal,
): Promise<Result> {
  const run = await openRun(house, source, emit, signal);
  try {
    return await keep(
      await createImage(house.shared.images, await new StageGraph(run).build(), source.labels),
    );
  } finally {
    // Before its end, which gives up all that is still being made.
    if (source.keepsSteps) house.states.write(source.id, source.recordName, await run.notes.settled());
    // What could not be taken away is found when the worker starts again, and must not hide how the build ended.
    await Promise.allSettled([run.end(), noteRecord(house.records, run)]);
  }
}

async function noteRecord(records: BuildRecords, { job }: BuildRun): Promise<void> {
  records.write(job.recordName, job.record);
}

async function openRun(
  { parts, shared, records, plans }: BuildHouse,
  source: BuildSource,
  emit: (event: BuildEvent) => void,
  signal: AbortSignal,
): Promise<BuildRun> {
  try {
    const read = plans.read(source);
    if (read.ignoreFile) await source.context.ignore(read.ignoreFile, signal);
    const record = records.read(source.recordName);
    const run = new BuildRun({ ...source, ...read, record, emit, signal }, parts, shared);
    run.own(source.dispose);
    return run;
  } catch (error) {
    await source.dispose();
    throw error;
  }
}

async function createImage(images: BuiltImages, stage: Stage, labels: BuildSource["labels"]): Promise<Image> {
  const { layers, history, created } = await finishStage(stage);
  const { author } = stage.config;
  const config = copyConfig(stage.config);
  for (const [name, value] of Object.entries(labels)) config.labels.set(name, value);
  return await images.create(
    {
      created,
      ...(author === "" ? {} : { author }),
      architecture: ARCHITECTURE,
      os: "linux",
      config: executionConfig(config),
      rootfs: { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) },
      history: [...history],
    },
    layers,
  );
}
