import { z } from "zod";
import { wireErrorSchema } from "./errors.ts";
import { buildIdSchema, digestSchema, playgroundIdSchema } from "./ids.ts";
import { imageSummarySchema } from "./image.ts";
import { MAX_REGISTRY_CREDENTIALS, registryCredentialSchema } from "./registry.ts";

/** One run of a Dockerfile. `queued → building → succeeded | failed | cancelled`. */
export const buildStateSchema = z.enum(["queued", "building", "succeeded", "failed", "cancelled"]);
export type BuildState = z.infer<typeof buildStateSchema>;

/** Lines and columns of the Dockerfile's text, both from 1; the end is inclusive. */
export const sourceRangeSchema = z.object({
  startLine: z.number().int().positive(),
  startColumn: z.number().int().positive(),
  endLine: z.number().int().positive(),
  endColumn: z.number().int().positive(),
});
export type SourceRange = z.infer<typeof sourceRangeSchema>;

/** Why a step ran instead of being taken from the layer cache. */
export const cacheMissSchema = z.discriminatedUnion("reason", [
  z.object({ reason: z.literal("first-time") }),
  z.object({ reason: z.literal("instruction-changed") }),
  z.object({ reason: z.literal("file-changed"), path: z.string().max(4096) }),
  z.object({ reason: z.literal("base-changed") }),
  z.object({ reason: z.literal("parent-missed") }),
  z.object({ reason: z.literal("no-cache") }),
  /** The result was there and has been removed since, to make room. */
  z.object({ reason: z.literal("removed") }),
]);
export type CacheMiss = z.infer<typeof cacheMissSchema>;

/** Why a step did not have to run. */
export const cacheHitSchema = z.enum([
  /** The last build of this playground had the same step. */
  "unchanged",
  /** Another build had a step with the same inputs. */
  "same-inputs",
  /** The base image, or the stage that the stage stands on, is there. */
  "base-present",
]);
export type CacheHit = z.infer<typeof cacheHitSchema>;

const step = z.number().int().nonnegative();

/** Where a terminal is opened: on the files as they were right before a step, or right after it. */
export const stepSideSchema = z.enum(["before", "after"]);
export type StepSide = z.infer<typeof stepSideSchema>;

/** What a step did to files, links and directories; not to the directories on the way to them. */
export const fileChangesSchema = z.object({
  added: z.number().int().nonnegative(),
  changed: z.number().int().nonnegative(),
  removed: z.number().int().nonnegative(),
});
export type FileChanges = z.infer<typeof fileChangesSchema>;

export const planStepSchema = z.object({
  step,
  stage: z.string().max(256),
  /** The instruction as written, on one line, cut to the bound. */
  text: z.string().max(4096),
  range: sourceRangeSchema,
});
export type PlanStep = z.infer<typeof planStepSchema>;

/** A stage of the plan. Stages that need nothing of each other are built side by side. */
export const planStageSchema = z.object({
  name: z.string().max(256),
  /** Names of the stages that must be there before: what FROM, COPY --from and RUN --mount=from name. */
  needs: z.array(z.string().max(256)).max(10_000),
});
export type PlanStage = z.infer<typeof planStageSchema>;

/** Lines of a failed step's log that the failure carries along. */
export const FAILURE_LAST_LINES = 20;

/** Where one layer of a pull stands. */
export const pulledLayerSchema = z.object({
  digest: digestSchema,
  /** `present`: the layer was on this machine before. */
  state: z.enum(["waiting", "downloading", "unpacking", "done", "present"]),
  /** Compressed bytes that have arrived, and how many there are in all. */
  receivedBytes: z.number().int().nonnegative(),
  totalBytes: z.number().int().nonnegative(),
});
export type PulledLayer = z.infer<typeof pulledLayerSchema>;

/** Largest text of one log event; longer output is several events. */
export const BUILD_LOG_EVENT_CHARACTERS = 16_384;

/**
 * The typed stream of one build. `plan` comes first, one of `image` and `failed` comes last. Streams are kept for as long
 * as their playground: what was added to them later has a default.
 */
export const buildEventSchema = z.discriminatedUnion("type", [
  /**
   * May come once more for each base image that had to be pulled and turned out to have triggers (ONBUILD): steps that were
   * there keep their numbers, and new ones stand at their place.
   */
  z.object({
    type: z.literal("plan"),
    steps: z.array(planStepSchema).max(10_000),
    stages: z.array(planStageSchema).max(10_000).default([]),
  }),
  z.object({
    type: z.literal("warning"),
    /** Name of the build check, as BuildKit calls it (`JSONArgsRecommended`), or of one of Slipway's own. */
    code: z.string().max(128),
    message: z.string().max(4096),
    range: sourceRangeSchema.nullable(),
  }),
  z.object({
    type: z.literal("step-started"),
    step,
    miss: cacheMissSchema,
    /** True when another build runs the very same step at this moment, and this one shares its run and its log. */
    shared: z.boolean().default(false),
  }),
  z.object({
    type: z.literal("step-cached"),
    step,
    hit: cacheHitSchema.default("unchanged"),
    /** Of the layer that was taken; not there for a step that has none, nor in streams of older versions. */
    bytesAdded: z.number().int().nonnegative().optional(),
    files: fileChangesSchema.optional(),
  }),
  /** Progress of a pull; each event names the layers whose state or bytes have changed since the one before. */
  z.object({
    type: z.literal("pull"),
    step,
    reference: z.string().max(512),
    layers: z.array(pulledLayerSchema).min(1).max(256),
  }),
  z.object({
    type: z.literal("log"),
    step,
    stream: z.enum(["stdout", "stderr"]),
    /** Rises by one per log event of the step, from 0. */
    number: z.number().int().nonnegative(),
    text: z.string().max(BUILD_LOG_EVENT_CHARACTERS),
  }),
  z.object({
    type: z.literal("step-finished"),
    step,
    durationMs: z.number().nonnegative(),
    bytesAdded: z.number().int().nonnegative(),
    filesChanged: z.number().int().nonnegative(),
    /** Parts of `filesChanged`; not there in streams of older versions. */
    files: fileChangesSchema.optional(),
  }),
  z.object({
    type: z.literal("failed"),
    error: wireErrorSchema,
    step: step.nullable(),
    exitCode: z.number().int().nullable(),
    range: sourceRangeSchema.nullable(),
    /** The end of the failed step's log, without newlines. */
    lastLines: z.array(z.string().max(4096)).max(FAILURE_LAST_LINES).default([]),
  }),
  z.object({ type: z.literal("image"), image: imageSummarySchema, durationMs: z.number().nonnegative() }),
]);
export type BuildEvent = z.infer<typeof buildEventSchema>;

/** A build event with its place in the build's stream, from 0, without gaps. */
export const numberedBuildEventSchema = z.object({
  sequence: z.number().int().nonnegative(),
  event: buildEventSchema,
});
export type NumberedBuildEvent = z.infer<typeof numberedBuildEventSchema>;

/** Largest secret of a build. */
export const MAX_SECRET_CHARACTERS = 512_000;

/** What a worker needs to build. The context itself is fetched from the control plane as a tar stream. */
export const buildRequestSchema = z.object({
  buildId: buildIdSchema,
  playgroundId: playgroundIdSchema,
  /** Path of the Dockerfile inside the context. */
  dockerfile: z.string().min(1).max(4096),
  noCache: z.boolean(),
  /** Asks registries for a newer base image even where one of that name is here. */
  pull: z.boolean(),
  /** Stage to build, by name or number; null builds the last one. */
  target: z.string().min(1).max(256).nullable(),
  /** `--build-arg`. */
  buildArgs: z.record(z.string().min(1).max(256), z.string().max(32_768)),
  /** What `RUN --mount=type=secret` may ask for, by id. Never stored in a layer, a log or the history. */
  secrets: z.record(z.string().min(1).max(256), z.string().max(MAX_SECRET_CHARACTERS)),
  /** Private keys, PEM or OpenSSH, that an agent holds for `RUN --mount=type=ssh`, by id. */
  sshKeys: z.record(z.string().min(1).max(256), z.string().max(MAX_SECRET_CHARACTERS)),
  /** For base images that are not public. */
  registryCredentials: z.array(registryCredentialSchema).max(MAX_REGISTRY_CREDENTIALS),
  limits: z.object({
    memoryBytes: z.number().int().positive(),
    cpus: z.number().positive(),
    pids: z.number().int().positive(),
    /** What all steps of the build may write together. */
    diskBytes: z.number().int().positive(),
    timeoutMs: z.number().int().positive(),
  }),
});
export type BuildRequest = z.infer<typeof buildRequestSchema>;

/** Where a worker fetches a build's context: `GET`, join token as bearer, answers `application/x-tar`. */
export const buildContextPath = (buildId: string): string => `/agents/contexts/${buildId}`;

export const isFinal = (event: BuildEvent): boolean => event.type === "image" || event.type === "failed";
