import type { WireError } from "@slipway/protocol";
import { useCallback, useEffect, useState } from "react";
import { type LinkGrant, type LinkView, type MadeLink, rpc } from "../../rpc/client.ts";
import { wireErrorOf } from "../../rpc/failure.ts";

/** The links into a session, and the one that was made last. */
export function useLinks(sessionId: string) {
  const [list, setList] = useState<readonly LinkView[]>([]);
  const [made, setMade] = useState<MadeLink | null>(null);
  const [failure, setFailure] = useState<WireError | null>(null);
  const [busy, setBusy] = useState(false);

  const run = useCallback(
    async (work: () => Promise<unknown>) => {
      setBusy(true);
      setFailure(null);
      try {
        await work();
        setList(await rpc.link.list.query({ sessionId }));
      } catch (thrown) {
        setFailure(wireErrorOf(thrown));
      } finally {
        setBusy(false);
      }
    },
    [sessionId],
  );
  useEffect(() => {
    void run(() => Promise.resolve());
  }, [run]);

  const make = (grant: LinkGrant) =>
    run(async () => setMade(await rpc.link.create.mutate({ sessionId, grant })));
  const revoke = (id: string) =>
    run(async () => {
      await rpc.link.revoke.mutate({ sessionId, id });
      setMade((last) => (last?.id === id ? null : last));
    });
  return { list, made, failure, busy, make, revoke };
}
