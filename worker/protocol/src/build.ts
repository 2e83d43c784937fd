import { z } from "zod";
import { wireErrorSchema } from "./errors.ts";
import { buildIdSchema, playgroundIdSchema } from "./ids.ts";
import { imageSummarySchema } from "./image.ts";

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
]);
export type CacheMiss = z.infer<typeof cacheMissSchema>;

const step = z.number().int().nonnegative();

export const planStepSchema = z.object({
  step,
  stage: z.string().max(256),
  /** The instruction as written, on one line, cut to the bound. */
  text: z.string().max(4096),
  range: sourceRangeSchema,
});
export type PlanStep = z.infer<typeof planStepSchema>;

/** Largest text of one log event; longer output is several events. */
export const BUILD_LOG_EVENT_CHARACTERS = 16_384;

/** The typed stream of one build. `plan` comes first, one of `image` and `failed` comes last. */
export const buildEventSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("plan"), steps: z.array(planStepSchema).max(10_000) }),
  z.object({
    type: z.literal("warning"),
    code: z.string().max(128),
    message: z.string().max(4096),
    range: sourceRangeSchema.nullable(),
  }),
  z.object({ type: z.literal("step-started"), step, miss: cacheMissSchema }),
  z.object({ type: z.literal("step-cached"), step }),
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
  }),
  z.object({
    type: z.literal("failed"),
    error: wireErrorSchema,
    step: step.nullable(),
    exitCode: z.number().int().nullable(),
    range: sourceRangeSchema.nullable(),
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

/** What a worker needs to build. The context itself is fetched from the control plane as a tar stream. */
export const buildRequestSchema = z.object({
  buildId: buildIdSchema,
  playgroundId: playgroundIdSchema,
  /** Path of the Dockerfile inside the context. */
  dockerfile: z.string().min(1).max(4096),
  noCache: z.boolean(),
  limits: z.object({
    memoryBytes: z.number().int().positive(),
    cpus: z.number().positive(),
    pids: z.number().int().positive(),
    timeoutMs: z.number().int().positive(),
  }),
});
export type BuildRequest = z.infer<typeof buildRequestSchema>;

/** Where a worker fetches a build's context: `GET`, join token as bearer, answers `application/x-tar`. */
export const buildContextPath = (buildId: string): string => `/agents/contexts/${buildId}`;

export const isFinal = (event: BuildEvent): boolean => event.type === "image" || event.type === "failed";
