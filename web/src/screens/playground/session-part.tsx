import { SessionPanel, type SessionPanelProps } from "../../features/session/session-panel.tsx";
import { TerminalPane } from "../../features/terminal/terminal-pane.tsx";

/** The session of the playground with the owner's terminals in it. */
export function SessionPart({ session, image }: Pick<SessionPanelProps, "session" | "image">) {
  return (
    <SessionPanel
      session={session}
      image={image}
      renderTerminal={(sessionId, { terminal, name, visible }) => (
        <TerminalPane
          sessionId={sessionId}
          terminalId={terminal.terminalId}
          name={name}
          ticket={session.ticket}
          visible={visible}
        />
      )}
    />
  );
}
