import { type BuildEvent, SlipwayError, type SourceRange } from "@slipway/protocol";

/** A failure with the place in the Dockerfile that it belongs to. */
export class BuildFailure extends Error {
  override readonly name = "BuildFailure";
  readonly error: SlipwayError;
  readonly step: number | null;
  readonly range: SourceRange | null;
  /** The end of the step's log. */
  readonly lastLines: readonly string[];

  constructor(
    error: SlipwayError,
    step: number | null,
    range: SourceRange | null,
    lastLines: readonly string[] = [],
  ) {
    super(error.message, { cause: error });
    this.error = error;
    this.step = step;
    this.range = range;
    this.lastLines = lastLines;
  }
}

/** What ended a build from outside, if something did. */
export interface BuildEnds {
  /** The person, or the worker's stop. */
  readonly cancelled: AbortSignal;
  readonly timeout: AbortSignal;
  readonly timeoutMs: number;
}

export type FailedEvent = Extract<BuildEvent, { type: "failed" }>;

/** The last event of a build that came to nothing. */
export function failedEvent(thrown: unknown, { cancelled, timeout, timeoutMs }: BuildEnds): FailedEvent {
  const nowhere = { type: "failed" as const, step: null, exitCode: null, range: null, lastLines: [] };
  if (cancelled.aborted) {
    return { ...nowhere, error: new SlipwayError("build-cancelled", "The build was cancelled.").toWire() };
  }
  if (timeout.aborted) {
    const message = `The build took longer than ${timeoutMs} ms.`;
    return {
      ...nowhere,
      error: new SlipwayError("build-timeout", message, { params: { timeoutMs } }).toWire(),
    };
  }
  if (!(thrown instanceof BuildFailure)) return { ...nowhere, error: SlipwayError.from(thrown).toWire() };
  const { error, step, range, lastLines } = thrown;
  const exitCode = error.code === "run-failed" ? error.params.exitCode : undefined;
  return {
    type: "failed",
    error: error.toWire(),
    step,
    exitCode: typeof exitCode === "number" ? exitCode : null,
    range,
    lastLines: [...lastLines],
  };
}
