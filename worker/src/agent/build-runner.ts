import type { Readable } from "node:stream";
import { type BuildEvent, type BuildId, type BuildRequest, SlipwayError } from "@slipway/protocol";
import type { Logger } from "pino";
import type { Builder } from "../builder/builder.ts";

/**
 * Builds that a worker takes at once. Most of a full room share their steps or find them cached and cost next to nothing;
 * what is carried out has a bound of its own (BuilderOptions.maxRuns), in front of which builds wait.
 */
export const MAX_BUILDS_AT_ONCE = 256;

export interface BuildRunnerOptions {
  readonly builder: Builder;
  /** The build's context as a tar stream. */
  readonly fetchContext: (buildId: BuildId, signal: AbortSignal) => Promise<Readable>;
  readonly emit: (buildId: BuildId, event: BuildEvent) => void;
  readonly log: Logger;
}

/** Runs the builds that the control plane asks for. */
export class BuildRunner {
  readonly #options: BuildRunnerOptions;
  readonly #running = new Map<BuildId, { abort: AbortController; done: Promise<void> }>();

  constructor(options: BuildRunnerOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#running.size;
  }

  /** Starts a build and returns at once; its events tell the rest. A build that already runs is left alone. */
  start(request: BuildRequest): void {
    if (this.#running.has(request.buildId)) return;
    if (this.#running.size >= MAX_BUILDS_AT_ONCE) {
      throw new SlipwayError("worker-full", "This worker runs as many builds as it may.", {
        params: { limit: MAX_BUILDS_AT_ONCE },
      });
    }
    const abort = new AbortController();
    const done = this.#run(request, abort.signal).finally(() => this.#running.delete(request.buildId));
    this.#running.set(request.buildId, { abort, done });
  }

  /** Cancels a build and waits until nothing of it is left. A missing one is no error. */
  async cancel(buildId: BuildId): Promise<void> {
    const running = this.#running.get(buildId);
    running?.abort.abort();
    await running?.done;
  }

  /** Cancels all builds but those in `keep`. */
  async cancelOthers(keep: ReadonlySet<BuildId>): Promise<void> {
    await Promise.all([...this.#running.keys()].filter((id) => !keep.has(id)).map((id) => this.cancel(id)));
  }

  async #run(request: BuildRequest, signal: AbortSignal): Promise<void> {
    const { builder, fetchContext, emit, log } = this.#options;
    try {
      const context = await fetchContext(request.buildId, signal);
      await builder.build(
        request,
        context,
        (event) => {
          // What is no fault of the person's is for whoever runs the worker to read.
          if (event.type === "failed" && event.error.fault === "platform")
            log.error(
              { buildId: request.buildId, error: event.error, step: event.step },
              "a step of a build broke",
            );
          emit(request.buildId, event);
        },
        signal,
      );
    } catch (thrown) {
      const error = signal.aborted
        ? new SlipwayError("build-cancelled", "The build was cancelled.")
        : SlipwayError.from(thrown);
      log.error({ err: thrown, buildId: request.buildId }, "build ended outside of its own events");
      emit(request.buildId, {
        type: "failed",
        error: error.toWire(),
        step: null,
        exitCode: null,
        range: null,
        lastLines: [],
      });
    }
  }
}
