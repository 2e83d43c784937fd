import type {
  BuildEvent,
  CacheHit,
  CacheMiss,
  ImageSummary,
  NumberedBuildEvent,
  PlanStage,
  SourceRange,
  WireError,
} from "@slipway/protocol";
import { type Pull, withLayers } from "./pull.ts";

/** A build as the page shows it: the sum of its events so far. */
export interface BuildLog {
  /** Number of the event that comes next; what is below has been seen. */
  readonly next: number;
  readonly steps: readonly Step[];
  /** In the order of the plan; none for builds of a version that did not tell them. */
  readonly stages: readonly PlanStage[];
  readonly warnings: readonly Warning[];
  readonly outcome: Outcome;
}

export interface Step {
  /** From 0, as events name it. */
  readonly index: number;
  readonly stage: string;
  readonly text: string;
  readonly range: SourceRange;
  readonly progress: Progress;
  /** The image that the step fetches, where it does. */
  readonly pull: Pull | null;
  /** What it printed, the last LOG_CHARACTERS of it. */
  readonly log: string;
  readonly logCut: boolean;
}

/** Why a step runs, and whether it shares the run of another build that is at the same step. */
export interface Cause {
  readonly miss: CacheMiss;
  readonly shared: boolean;
}

export type Progress =
  | { readonly state: "waiting" }
  | { readonly state: "cached"; readonly hit: CacheHit }
  | { readonly state: "running"; readonly cause: Cause }
  | {
      readonly state: "finished";
      readonly cause: Cause | null;
      readonly durationMs: number;
      readonly bytesAdded: number;
      readonly filesChanged: number;
    }
  | { readonly state: "failed"; readonly cause: Cause | null }
  | { readonly state: "skipped" };

export interface Warning {
  readonly code: string;
  readonly message: string;
  readonly range: SourceRange | null;
}

export type Outcome =
  | { readonly state: "queued" }
  | { readonly state: "building" }
  | { readonly state: "succeeded"; readonly image: ImageSummary; readonly durationMs: number }
  | {
      readonly state: "failed";
      readonly error: WireError;
      /** Index of the step, where it was one. */
      readonly step: number | null;
      readonly exitCode: number | null;
      readonly range: SourceRange | null;
      /** The end of the failed step's output. */
      readonly lastLines: readonly string[];
    }
  | { readonly state: "cancelled" };

/** Output of one step that the page keeps. */
export const LOG_CHARACTERS = 200_000;
/** Warnings that the page keeps. */
export const MAX_WARNINGS = 100;

export const EMPTY_BUILD_LOG: BuildLog = {
  next: 0,
  steps: [],
  stages: [],
  warnings: [],
  outcome: { state: "queued" },
};

export const isOver = (outcome: Outcome): boolean =>
  outcome.state === "succeeded" || outcome.state === "failed" || outcome.state === "cancelled";

/** The log with more events. Events seen before change nothing, so a stream may be read again from its start. */
export function withEvents(log: BuildLog, events: readonly NumberedBuildEvent[]): BuildLog {
  return events.reduce(
    (sum, { sequence, event }) =>
      sequence < sum.next ? sum : { ...withEvent(sum, event), next: sequence + 1 },
    log,
  );
}

/** The log of a build that ended without a final event of its own: cancelled, or failed before a worker had it. */
export function withEnd(log: BuildLog, outcome: Outcome): BuildLog {
  if (isOver(log.outcome)) return log;
  return { ...log, outcome, steps: log.steps.map(settled) };
}

function withEvent(log: BuildLog, event: BuildEvent): BuildLog {
  switch (event.type) {
    case "plan":
      return {
        ...log,
        outcome: { state: "building" },
        stages: event.stages,
        // One that comes again, with the triggers of a base image, changes nothing of the steps that are known.
        steps: event.steps.map((step) => log.steps.find(({ index }) => index === step.step) ?? planned(step)),
      };
    case "warning":
      return log.warnings.length < MAX_WARNINGS ? { ...log, warnings: [...log.warnings, event] } : log;
    case "step-started":
      return withProgress(log, event.step, () => ({
        state: "running",
        cause: { miss: event.miss, shared: event.shared },
      }));
    case "step-cached":
      return withProgress(log, event.step, () => ({ state: "cached", hit: event.hit }));
    case "log":
      return withStep(log, event.step, (step) => withOutput(step, event.text));
    case "pull":
      return withStep(log, event.step, (step) => ({ ...step, pull: withLayers(step.pull, event) }));
    case "step-finished":
      return withProgress(log, event.step, (before) => ({
        state: "finished",
        cause: causeOf(before),
        durationMs: event.durationMs,
        bytesAdded: event.bytesAdded,
        filesChanged: event.filesChanged,
      }));
    case "failed":
      return failed(log, event);
    case "image":
      return {
        ...log,
        outcome: { state: "succeeded", image: event.image, durationMs: event.durationMs },
      };
  }
}

type Plan = Extract<BuildEvent, { type: "plan" }>;

const planned = ({ step, ...written }: Plan["steps"][number]): Step => ({
  ...written,
  index: step,
  progress: { state: "waiting" },
  pull: null,
  log: "",
  logCut: false,
});

function failed(log: BuildLog, event: Extract<BuildEvent, { type: "failed" }>): BuildLog {
  const blamed =
    event.step === null
      ? log
      : withProgress(log, event.step, (before) => ({ state: "failed", cause: causeOf(before) }));
  const steps = blamed.steps.map(settled);
  if (event.error.code === "build-cancelled") return { ...log, steps, outcome: { state: "cancelled" } };
  const { error, step, exitCode, range, lastLines } = event;
  return { ...log, steps, outcome: { state: "failed", error, step, exitCode, range, lastLines } };
}

/** A step that will not go on. */
const settled = (step: Step): Step =>
  step.progress.state === "waiting" || step.progress.state === "running"
    ? { ...step, progress: { state: "skipped" } }
    : step;

const causeOf = (progress: Progress): Cause | null => ("cause" in progress ? progress.cause : null);

const withProgress = (log: BuildLog, index: number, change: (before: Progress) => Progress): BuildLog =>
  withStep(log, index, (step) => ({ ...step, progress: change(step.progress) }));

const withStep = (log: BuildLog, index: number, change: (step: Step) => Step): BuildLog => ({
  ...log,
  steps: log.steps.map((step) => (step.index === index ? change(step) : step)),
});

/** Keeps the end of a long output, from a line's start on. */
function withOutput(step: Step, text: string): Step {
  const log = step.log + text;
  if (log.length <= LOG_CHARACTERS) return { ...step, log };
  const tail = log.slice(-LOG_CHARACTERS);
  return { ...step, log: tail.slice(tail.indexOf("\n") + 1), logCut: true };
}
