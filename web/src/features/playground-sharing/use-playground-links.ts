import type { WireError } from "@slipway/protocol";
import { useCallback, useEffect, useState } from "react";
import { type MadePlaygroundLink, type PlaygroundLink, rpc } from "../../rpc/client.ts";
import { wireErrorOf } from "../../rpc/failure.ts";

/** Links to a playground: those that there are, and the one that was just made. */
export function usePlaygroundLinks(id: string) {
  const [links, setLinks] = useState<readonly PlaygroundLink[]>([]);
  const [made, setMade] = useState<MadePlaygroundLink | null>(null);
  const [error, setError] = useState<WireError | null>(null);
  const guard = useCallback(async <Result>(work: () => Promise<Result>): Promise<Result | null> => {
    try {
      const result = await work();
      setError(null);
      return result;
    } catch (thrown) {
      setError(wireErrorOf(thrown));
      return null;
    }
  }, []);
  const list = useCallback(async () => setLinks(await rpc.playgroundLink.list.query({ id })), [id]);
  useEffect(() => void guard(list), [guard, list]);

  return {
    links,
    made,
    error,
    make: (history: boolean) =>
      guard(async () => {
        setMade(await rpc.playgroundLink.create.mutate({ id, history }));
        await list();
      }),
    revoke: (linkId: string) =>
      guard(async () => {
        await rpc.playgroundLink.revoke.mutate({ id, linkId });
        if (made?.id === linkId) setMade(null);
        await list();
      }),
    /** Answers the id of the fork. */
    fork: async () => (await guard(() => rpc.playground.fork.mutate({ id })))?.id ?? null,
  };
}
