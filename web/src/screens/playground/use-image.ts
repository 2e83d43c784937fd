import { useEffect, useMemo, useState } from "react";
import type { BuildPhase } from "../../features/build-log/use-build.ts";
import type { LaunchableImage } from "../../features/session/session-panel.tsx";
import type { PlaygroundView } from "../../rpc/client.ts";

/**
 * The newest build that yielded an image: this page's own, or the one that was there when it opened. An older build that is
 * looked at changes nothing of it.
 */
export function useImage(phase: BuildPhase, playground: PlaygroundView): LaunchableImage | null {
  const [made, setMade] = useState(() => imageAtFirst(playground));
  const newest = phase.kind === "shown" && phase.olderOf === null ? phase : null;
  const state = newest?.log.outcome.state;
  const buildId = newest !== null && state === "succeeded" ? newest.buildId : made;
  const isEarlier = state === "failed" || state === "cancelled";
  useEffect(() => setMade(buildId), [buildId]);
  return useMemo(() => (buildId === null ? null : { buildId, isEarlier }), [buildId, isEarlier]);
}

function imageAtFirst({ build, session }: PlaygroundView): string | null {
  if (build?.state === "succeeded") return build.id;
  // A terminal into a build runs no image of one.
  return session === null || session.step !== null ? null : session.buildId;
}
