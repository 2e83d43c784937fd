import type {
  BuildId,
  BuildState,
  ImageSummary,
  NumberedBuildEvent,
  PlaygroundId,
  WireError,
} from "@slipway/protocol";
import type { BuildOptions, PlainOptions } from "./build-options.ts";

/** A build as people see it. Times are milliseconds since the epoch. */
export interface BuildView {
  readonly id: BuildId;
  readonly playgroundId: PlaygroundId;
  readonly state: BuildState;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  /** There when `state` is `succeeded`. */
  readonly image: ImageSummary | null;
  /** There when `state` is `failed` or `cancelled`. */
  readonly error: WireError | null;
  /** What it was started with, its secrets left out. */
  readonly options: PlainOptions;
}

/** A build in the list of its playground's builds. */
export interface BuildSummary extends Pick<BuildView, "id" | "state" | "createdAt" | "error"> {
  /** Null until it is over, and for one that never began. */
  readonly durationMs: number | null;
  readonly image: Pick<ImageSummary, "digest" | "sizeBytes" | "layerCount"> | null;
}

export interface BuildPage {
  /** The newest first. */
  readonly builds: readonly BuildSummary[];
  /** What to ask for the builds before these; null when there are none. */
  readonly next: BuildId | null;
}

/** Builds as people use them. Callers have checked the ownership. */
export interface Builds {
  /**
   * Takes the files as they are now and queues a build of them. A build of the same playground that is still under way is
   * cancelled: the newest wins. @throws dockerfile-missing
   */
  start(playgroundId: PlaygroundId, options: BuildOptions): Promise<BuildView>;
  /** Final at once for the person; the worker is told. A finished build stays as it is. */
  cancel(id: BuildId): Promise<BuildView>;
  get(id: BuildId): Promise<BuildView>;
  /** Builds of a playground, MAX_LISTED_BUILDS at a time; those before `before`, or the newest. */
  list(playgroundId: PlaygroundId, before: string | null): Promise<BuildPage>;
  /** The events so far but for output and progress of pulls: what two builds are compared by. */
  outline(id: BuildId): Promise<NumberedBuildEvent[]>;
  /** All events from number `from` on, stored ones first, then live; ends after the final one. */
  events(id: BuildId, from: number, signal: AbortSignal): AsyncGenerator<NumberedBuildEvent, void>;
}
