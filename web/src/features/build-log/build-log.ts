import type {
  BuildEvent,
  CacheHit,
  CacheMiss,
  FileChanges,
  ImageSummary,
  NumberedBuildEvent,
  PlanStage,
  SourceRange,
  WireError,
} from "@slipway/protocol";
import { noOutput, type Output, withText } from "./output.ts";
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
  readonly output: Output;
}

/** Why a step runs, and whether it shares the run of another build that is at the same step. */
export interface Cause {
  readonly miss: CacheMiss;
  readonly shared: boolean;
}

export type Progress =
  | { readonly state: "waiting" }
  | {
      readonly state: "cached";
      readonly hit: CacheHit;
      /** Of the layer that was taken, where that is known. */
      readonly bytesAdded: number | null;
      readonly files: FileChanges | null;
    }
  | { readonly state: "running"; readonly cause: Cause }
  | {
      readonly state: "finished";
      readonly cause: Cause | null;
      readonly durationMs: number;
      readonly bytesAdded: number;
      readonly filesChanged: number;
      /** Null in builds of a version that told their sum only. */
      readonly files: FileChanges | null;
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
  let sum = log;
  let next = log.next;
  for (const event of joined(events.filter(({ sequence }) => sequence >= log.next))) {
    if (event.sequence < next) continue;
    sum = withEvent(sum, event.event);
    next = event.last + 1;
  }
  return next === log.next ? log : { ...sum, next };
}

interface JoinedEvent extends NumberedBuildEvent {
  /** Number of the last event that is in it. */
  readonly last: number;
}

/** Output of one step that follows on itself as one event: a long log is thousands of them. */
function joined(events: readonly NumberedBuildEvent[]): JoinedEvent[] {
  const all: { sequence: number; last: number; event: BuildEvent; texts: string[] }[] = [];
  for (const { sequence, event } of events) {
    const before = all.at(-1);
    const follows =
      before?.event.type === "log" &&
      event.type === "log" &&
      before.event.step === event.step &&
      before.last === sequence - 1;
    if (follows) {
      before.texts.push(event.text);
      before.last = sequence;
    } else all.push({ sequence, last: sequence, event, texts: event.type === "log" ? [event.text] : [] });
  }
  return all.map(({ sequence, last, event, texts }) => ({
    sequence,
    last,
    event: event.type === "log" ? { ...event, text: texts.join("") } : event,
  }));
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
      return withProgress(log, event.step, () => ({
        state: "cached",
        hit: event.hit,
        bytesAdded: event.bytesAdded ?? null,
        files: event.files ?? null,
      }));
    case "log":
      return withStep(log, event.step, (step) => ({ ...step, output: withText(step.output, event.text) }));
    case "pull":
      return withStep(log, event.step, (step) => ({ ...step, pull: withLayers(step.pull, event) }));
    case "step-finished":
      return withProgress(log, event.step, (before) => ({
        state: "finished",
        cause: causeOf(before),
        durationMs: event.durationMs,
        bytesAdded: event.bytesAdded,
        filesChanged: event.filesChanged,
        files: event.files ?? null,
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
  output: noOutput(),
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
