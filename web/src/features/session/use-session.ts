import { useCallback, useEffect, useReducer, useRef, useState } from "react";
import { type LaunchOrder, rpc, type SessionView, type TerminalTicket } from "../../rpc/client.ts";
import { wireErrorOf } from "../../rpc/failure.ts";
import { changed, phaseOf, type SessionPhase } from "./session-phase.ts";

/** Size that a terminal starts with; the page tells the real one as soon as it is drawn. */
const FIRST_SIZE = { rows: 24, cols: 80 };

export interface Session {
  readonly phase: SessionPhase;
  launch(order: LaunchOrder): Promise<void>;
  stop(): Promise<void>;
  /** Ends the one that runs and launches another one of the newest image. */
  restart(): Promise<void>;
  extend(): Promise<void>;
  /** Rejects with what the server says. */
  pause(paused: boolean): Promise<void>;
  /**
   * Opens one more shell and answers its terminal's id: in the main container, or in one that docker made, by its id. Rejects with
   * what the server says.
   */
  openTerminal(container?: string): Promise<string>;
  /** The terminal that was asked for last. */
  readonly opened: string | null;
  /** A ticket for a terminal. Stays the same function for as long as the session is the same. */
  ticket(terminalId: string): Promise<string>;
  /** An address of its own origin for a port, for a new tab or a frame. */
  previewUrl(port: number): Promise<string>;
  /** The port that is shown beside the terminals, or null. */
  readonly shownPort: number | null;
  showPort(port: number | null): void;
}

/** The newest session of a playground, as the control plane sees it at every moment. */
export function useSession(playgroundId: string, newest: SessionView | null): Session {
  const [phase, change] = useReducer(changed, newest, (view) =>
    view === null ? { kind: "none" as const } : phaseOf(view),
  );
  const sessionId = phase.kind === "live" ? phase.view.id : null;
  const shownId = "view" in phase ? phase.view.id : null;
  const { hold, ticket } = useTickets(shownId);

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
    async (order: LaunchOrder) => {
      change({ kind: "launching" });
      try {
        const answer = await rpc.session.launch.mutate({ playgroundId, size: FIRST_SIZE, ...order });
        hold(answer.terminal);
        if (answer.shell !== null) hold(answer.shell);
        change({ kind: "view", view: answer, launched: true });
      } catch (thrown) {
        change({ kind: "refused", error: wireErrorOf(thrown) });
      }
    },
    [playgroundId, hold],
  );
  // What these come to is told by the watch alone: their answers may be older than its news, and arrive after them.
  const carryOut = async (ask: (id: string) => Promise<SessionView>) => {
    if (sessionId !== null) await ask(sessionId);
  };
  const stop = () => carryOut((id) => rpc.session.stop.mutate({ sessionId: id })).catch(() => undefined);
  // One that is stopping is no longer the answer to a launch, so what follows is a new one.
  const restart = async () => {
    await stop();
    await launch({ start: phase.kind === "live" ? phase.view.start : "command" });
  };
  const extend = () => carryOut((id) => rpc.session.extend.mutate({ sessionId: id })).catch(() => undefined);
  const pause = (paused: boolean) => carryOut((id) => rpc.session.pause.mutate({ sessionId: id, paused }));
  const [opened, setOpened] = useState<string | null>(null);
  const openTerminal = async (container?: string) => {
    const made = await rpc.session.openTerminal.mutate({
      sessionId: sessionId ?? "",
      size: FIRST_SIZE,
      container: container ?? null,
    });
    hold(made);
    setOpened(made.terminalId);
    return made.terminalId;
  };
  const previewUrl = useCallback(
    async (port: number) => {
      if (sessionId === null) throw new Error("A port is open only while its session lives.");
      return (await rpc.session.previewUrl.mutate({ sessionId, port })).url;
    },
    [sessionId],
  );
  const [shown, setShown] = useState<{ readonly sessionId: string | null; readonly port: number } | null>(
    null,
  );
  const shownPort = shown?.sessionId === sessionId ? shown.port : null;
  const showPort = (port: number | null) => setShown(port === null ? null : { sessionId, port });
  const ports = { previewUrl, shownPort, showPort };
  return { phase, launch, stop, restart, extend, pause, openTerminal, opened, ticket, ...ports };
}

/** Tickets of a session's terminals: those that came with an answer are used for the first connection. */
function useTickets(sessionId: string | null) {
  const held = useRef(new Map<string, TerminalTicket>());
  const hold = useCallback((one: TerminalTicket) => void held.current.set(one.terminalId, one), []);
  const ticket = useCallback(
    async (terminalId: string) => {
      const given = held.current.get(terminalId);
      held.current.delete(terminalId);
      if (given !== undefined && given.expiresAt > Date.now()) return given.ticket;
      const asked = await rpc.session.terminalTicket.mutate({ sessionId: sessionId ?? "", terminalId });
      return asked.ticket;
    },
    [sessionId],
  );
  return { hold, ticket };
}
