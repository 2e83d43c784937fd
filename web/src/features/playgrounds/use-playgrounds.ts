import type { WireError } from "@slipway/protocol";
import { useCallback, useEffect, useState } from "react";
import { type PlaygroundSummary, rpc } from "../../rpc/client.ts";
import { wireErrorOf } from "../../rpc/failure.ts";

/** Pause after the last key before the list is asked for. */
const SEARCH_DELAY_MS = 200;

export interface Playgrounds {
  /** Null while they are on their way. */
  readonly found: readonly PlaygroundSummary[] | null;
  readonly search: string;
  readonly setSearch: (search: string) => void;
  readonly error: WireError | null;
  readonly rename: (id: string, name: string) => Promise<void>;
  readonly remove: (id: string) => Promise<void>;
  /** Answers the id of the fork. */
  readonly fork: (id: string) => Promise<string | null>;
}

/** The person's playgrounds as the search finds them; someone who has not entered has none. */
export function usePlaygrounds(): Playgrounds {
  const [search, setSearch] = useState("");
  const [found, setFound] = useState<readonly PlaygroundSummary[] | null>(null);
  const [error, setError] = useState<WireError | null>(null);

  const list = useCallback(async (wanted: string, signal: AbortSignal) => {
    try {
      const all = await rpc.playground.list.query({ search: wanted }, { signal });
      if (!signal.aborted) setFound(all);
    } catch (thrown) {
      if (signal.aborted) return;
      const wire = wireErrorOf(thrown);
      setFound([]);
      setError(wire.code === "not-signed-in" ? null : wire);
    }
  }, []);
  useEffect(() => {
    const call = new AbortController();
    const timer = setTimeout(
      () => void list(search.trim(), call.signal),
      search === "" ? 0 : SEARCH_DELAY_MS,
    );
    return () => {
      clearTimeout(timer);
      call.abort();
    };
  }, [list, search]);

  const change = async <Result>(work: () => Promise<Result>): Promise<Result | null> => {
    try {
      const result = await work();
      setError(null);
      await list(search.trim(), new AbortController().signal);
      return result;
    } catch (thrown) {
      setError(wireErrorOf(thrown));
      return null;
    }
  };
  return {
    found,
    search,
    setSearch,
    error,
    rename: async (id, name) => void (await change(() => rpc.playground.rename.mutate({ id, name }))),
    remove: async (id) => void (await change(() => rpc.playground.delete.mutate({ id }))),
    fork: async (id) => (await change(() => rpc.playground.fork.mutate({ id })))?.id ?? null,
  };
}
