import { useCallback, useEffect, useState } from "react";
import { rpc, type SharedSession } from "../../rpc/client.ts";

export type SharedArrival =
  | { readonly state: "loading" }
  | { readonly state: "gone" }
  | { readonly state: "here"; readonly session: SharedSession; readonly connected: boolean };

/** The session that a link opens, as it is at every moment, and tickets for its terminals. */
export function useSharedSession(token: string) {
  const [arrival, setArrival] = useState<SharedArrival>({ state: "loading" });
  useEffect(() => {
    const connection = (connected: boolean) =>
      setArrival((last) => (last.state === "here" ? { ...last, connected } : last));
    const subscription = rpc.link.watch.subscribe(
      { token },
      {
        onData: (session) =>
          setArrival(
            session.state === "ended" ? { state: "gone" } : { state: "here", session, connected: true },
          ),
        onConnectionStateChange: ({ state, error }) => connection(state !== "connecting" || !error),
        onError: () => setArrival({ state: "gone" }),
      },
    );
    return () => subscription.unsubscribe();
  }, [token]);
  const ticket = useCallback(
    async (terminalId: string) => (await rpc.link.terminalTicket.mutate({ token, terminalId })).ticket,
    [token],
  );
  return { arrival, ticket };
}
