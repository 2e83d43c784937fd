import type { WireError } from "@slipway/protocol";
import { useCallback, useEffect, useState } from "react";
import { type PlaygroundView, rpc } from "./client.ts";
import { wireErrorOf } from "./failure.ts";

export type Arrival =
  | { readonly state: "loading" }
  | { readonly state: "failed"; readonly error: WireError }
  | { readonly state: "here"; readonly playground: PlaygroundView };

/**
 * A playground as it was when the page asked: files, newest build, newest session. It is asked for once; from then on the
 * page holds the files, and build and session tell of themselves.
 */
export function usePlayground(id: string): { arrival: Arrival; again: () => void } {
  const [arrival, setArrival] = useState<Arrival>({ state: "loading" });
  const ask = useCallback(
    async (signal: AbortSignal) => {
      setArrival({ state: "loading" });
      const answer = await rpc.playground.get.query({ id }, { signal }).then(
        (playground): Arrival => ({ state: "here", playground }),
        (thrown: unknown): Arrival => ({ state: "failed", error: wireErrorOf(thrown) }),
      );
      if (!signal.aborted) setArrival(answer);
    },
    [id],
  );
  useEffect(() => {
    const call = new AbortController();
    void ask(call.signal);
    return () => call.abort();
  }, [ask]);
  return { arrival, again: () => void ask(new AbortController().signal) };
}
