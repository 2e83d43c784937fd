import type { NumberedBuildEvent, WireError } from "@slipway/protocol";
import { useCallback, useEffect, useReducer, useRef } from "react";
import { type BuildView, type BuildWish, rpc } from "../../rpc/client.ts";
import { wireErrorOf } from "../../rpc/failure.ts";
import { type BuildLog, EMPTY_BUILD_LOG, isOver, type Outcome, withEnd, withEvents } from "./build-log.ts";

export type BuildPhase =
  | { readonly kind: "none" }
  /** Files are being handed over. */
  | { readonly kind: "starting" }
  | {
      readonly kind: "shown";
      readonly buildId: string;
      readonly log: BuildLog;
      readonly connected: boolean;
      /** When it was started, for a build that is not the newest; null for the newest. */
      readonly olderOf: number | null;
    }
  | { readonly kind: "refused"; readonly error: WireError };

/** Events that arrive within this time are drawn together. */
const DRAW_PAUSE_MS = 40;

type Change =
  | { readonly kind: "starting" }
  | { readonly kind: "refused"; readonly error: WireError }
  | { readonly kind: "opened"; readonly build: Opened; readonly isOlder: boolean }
  | { readonly kind: "events"; readonly buildId: string; readonly events: readonly NumberedBuildEvent[] }
  | { readonly kind: "connection"; readonly buildId: string; readonly connected: boolean }
  | { readonly kind: "ended"; readonly build: BuildView };

type Opened = Pick<BuildView, "id" | "createdAt">;

const opened = (build: Opened, isOlder: boolean): BuildPhase => ({
  kind: "shown",
  buildId: build.id,
  log: EMPTY_BUILD_LOG,
  connected: true,
  olderOf: isOlder ? build.createdAt : null,
});

function changed(phase: BuildPhase, change: Change): BuildPhase {
  switch (change.kind) {
    case "starting":
      return { kind: "starting" };
    case "refused":
      return { kind: "refused", error: change.error };
    case "opened":
      return opened(change.build, change.isOlder);
    case "events":
      if (phase.kind !== "shown" || phase.buildId !== change.buildId) return phase;
      return { ...phase, log: withEvents(phase.log, change.events), connected: true };
    case "connection":
      if (phase.kind !== "shown" || phase.buildId !== change.buildId) return phase;
      return { ...phase, connected: change.connected };
    case "ended":
      if (phase.kind !== "shown" || phase.buildId !== change.build.id) return phase;
      return { ...phase, log: withEnd(phase.log, outcomeOf(change.build)) };
  }
}

/** What the server says of a build whose stream ended without a final event. */
function outcomeOf(build: BuildView): Outcome {
  const durationMs = (build.finishedAt ?? build.createdAt) - (build.startedAt ?? build.createdAt);
  if (build.state === "succeeded" && build.image !== null) {
    return { state: "succeeded", image: build.image, durationMs };
  }
  if (build.state === "failed" && build.error !== null) {
    return { state: "failed", error: build.error, step: null, exitCode: null, range: null, lastLines: [] };
  }
  return build.state === "cancelled" ? { state: "cancelled" } : { state: "building" };
}

export interface Build {
  readonly phase: BuildPhase;
  readonly busy: boolean;
  /** Saves first, then builds; `save` answers false when something could not be saved. */
  start(save: () => Promise<boolean>, wish: BuildWish): Promise<void>;
  cancel(): Promise<void>;
  /** Shows an older build, or the newest again. */
  show(build: Opened): void;
  showNewest(): void;
}

/** The newest build of a playground and its events, stored ones first, then live. */
export function useBuild(playgroundId: string, newest: BuildView | null): Build {
  const [phase, change] = useReducer(changed, newest, (build) =>
    build === null ? { kind: "none" as const } : opened(build, false),
  );
  const latest = useRef<Opened | null>(newest);
  const buildId = phase.kind === "shown" ? phase.buildId : null;
  useEffect(() => {
    if (buildId === null) return;
    return follow(buildId, change);
  }, [buildId]);

  const start = useCallback(
    async (save: () => Promise<boolean>, wish: BuildWish) => {
      change({ kind: "starting" });
      try {
        await save();
        const build = await rpc.build.start.mutate({ ...wish, playgroundId });
        latest.current = build;
        change({ kind: "opened", build, isOlder: false });
      } catch (thrown) {
        change({ kind: "refused", error: wireErrorOf(thrown) });
      }
    },
    [playgroundId],
  );
  const cancel = useCallback(async () => {
    if (buildId === null) return;
    try {
      change({ kind: "ended", build: await rpc.build.cancel.mutate({ buildId }) });
    } catch {
      // The stream says how the build ends, also when the wish to cancel it did not arrive.
    }
  }, [buildId]);

  const show = useCallback(
    (build: Opened) => change({ kind: "opened", build, isOlder: build.id !== latest.current?.id }),
    [],
  );
  const showNewest = useCallback(() => {
    if (latest.current !== null) change({ kind: "opened", build: latest.current, isOlder: false });
  }, []);
  const busy = phase.kind === "starting" || (phase.kind === "shown" && !isOver(phase.log.outcome));
  return { phase, busy, start, cancel, show, showNewest };
}

/** Follows one build's events, drawn in batches, until its end. Answers how to stop. */
function follow(buildId: string, change: (change: Change) => void): () => void {
  let waiting: NumberedBuildEvent[] = [];
  let timer: number | null = null;
  const draw = () => {
    timer = null;
    const events = waiting;
    waiting = [];
    if (events.length > 0) change({ kind: "events", buildId, events });
  };
  const subscription = rpc.build.events.subscribe(
    { buildId, after: null },
    {
      onData: ({ data }) => {
        waiting.push(data);
        timer ??= window.setTimeout(draw, DRAW_PAUSE_MS);
      },
      onConnectionStateChange: (connection) =>
        change({
          kind: "connection",
          buildId,
          connected: connection.state !== "connecting" || !connection.error,
        }),
      onComplete: () => {
        draw();
        void rpc.build.get.query({ buildId }).then(
          (build) => change({ kind: "ended", build }),
          () => {},
        );
      },
      onError: () => change({ kind: "connection", buildId, connected: false }),
    },
  );
  return () => {
    subscription.unsubscribe();
    if (timer !== null) clearTimeout(timer);
  };
}
