import { useCallback, useEffect, useReducer } from "react";
import { rpc, type SessionView } from "../../rpc/client.ts";
import { wireErrorOf } from "../../rpc/failure.ts";
import { changed, phaseOf, type SessionPhase } from "./session-phase.ts";

/** Size that a terminal starts with; the page tells the real one as soon as it is drawn. */
const FIRST_SIZE = { rows: 24, cols: 80 };

export interface Session {
  readonly phase: SessionPhase;
  launch(start: SessionView["start"]): Promise<void>;
  stop(): Promise<void>;
  extend(): Promise<void>;
  /** An address of its own origin for a port, to be opened in a new tab. */
  previewUrl(port: number): Promise<string>;
}

/** The newest session of a playground, as the control plane sees it at every moment. */
export function useSession(playgroundId: string, newest: SessionView | null): Session {
  const [phase, change] = useReducer(changed, newest, (view) =>
    view === null ? { kind: "none" as const } : phaseOf(view),
  );
  const sessionId = phase.kind === "live" ? phase.view.id : null;

  useEffect(() => {
    if (sessionId === null) return;
    const connection = (connected: boolean) => change({ kind: "connection", sessionId, connected });
    const subscription = rpc.session.watch.subscribe(
      { sessionId },
      {
        onData: (view) => change({ kind: "view", view, launched: false }),
        onConnectionStateChange: ({ state, error }) => connection(state !== "connecting" || !error),
        onError: () => connection(false),
      },
    );
    return () => subscription.unsubscribe();
  }, [sessionId]);

  const launch = useCallback(
    async (start: SessionView["start"]) => {
      change({ kind: "launching" });
      try {
        const view = await rpc.session.launch.mutate({ playgroundId, start, size: FIRST_SIZE });
        change({ kind: "view", view, launched: true });
      } catch (thrown) {
        change({ kind: "refused", error: wireErrorOf(thrown) });
      }
    },
    [playgroundId],
  );
  const call = useCallback(async (ask: () => Promise<SessionView>) => {
    try {
      change({ kind: "view", view: await ask(), launched: false });
    } catch {
      // A session that has ended in the meantime says so through the watch.
    }
  }, []);
  const stop = useCallback(
    async () => (sessionId === null ? undefined : call(() => rpc.session.stop.mutate({ sessionId }))),
    [sessionId, call],
  );
  const extend = useCallback(
    async () => (sessionId === null ? undefined : call(() => rpc.session.extend.mutate({ sessionId }))),
    [sessionId, call],
  );
  const previewUrl = useCallback(
    async (port: number) => {
      if (sessionId === null) throw new Error("A port is open only while its session lives.");
      return (await rpc.session.previewUrl.mutate({ sessionId, port })).url;
    },
    [sessionId],
  );
  return { phase, launch, stop, extend, previewUrl };
}
