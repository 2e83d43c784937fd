import type { WireError } from "@slipway/protocol";
import { useCallback, useEffect, useState } from "react";
import { type BuildSummary, rpc } from "../../../rpc/client.ts";
import { wireErrorOf } from "../../../rpc/failure.ts";
import { type BuildLog, EMPTY_BUILD_LOG, withEvents } from "../build-log.ts";

export interface BuildsOfPlayground {
  /** Null until the first are there. */
  readonly builds: readonly BuildSummary[] | null;
  readonly error: WireError | null;
  /** Null when there are no more. */
  readonly more: (() => void) | null;
}

/** The builds of a playground, the newest first, a page at a time. */
export function useBuilds(playgroundId: string): BuildsOfPlayground {
  const [builds, setBuilds] = useState<readonly BuildSummary[] | null>(null);
  const [next, setNext] = useState<string | null>(null);
  const [error, setError] = useState<WireError | null>(null);
  const load = useCallback(
    (before: string | null) => {
      rpc.build.list.query({ playgroundId, before }).then(
        (page) => {
          setBuilds((known) => (before === null ? page.builds : [...(known ?? []), ...page.builds]));
          setNext(page.next);
        },
        (thrown) => setError(wireErrorOf(thrown)),
      );
    },
    [playgroundId],
  );
  useEffect(() => load(null), [load]);
  return { builds, error, more: next === null ? null : () => load(next) };
}

/** Two builds as far as a comparison needs them; null until both are there. */
export function useOutlines(ids: readonly [string, string]) {
  const [logs, setLogs] = useState<readonly [BuildLog, BuildLog] | null>(null);
  const [error, setError] = useState<WireError | null>(null);
  const [earlier, later] = ids;
  useEffect(() => {
    let isOver = false;
    Promise.all([earlier, later].map((buildId) => rpc.build.outline.query({ buildId }))).then(
      ([first = [], second = []]) => {
        if (!isOver) setLogs([withEvents(EMPTY_BUILD_LOG, first), withEvents(EMPTY_BUILD_LOG, second)]);
      },
      (thrown) => {
        if (!isOver) setError(wireErrorOf(thrown));
      },
    );
    return () => {
      isOver = true;
    };
  }, [earlier, later]);
  return { logs, error };
}
