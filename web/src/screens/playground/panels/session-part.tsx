import { SessionPanel } from "../../../features/session/session-panel.tsx";
import { TerminalPane } from "../../../features/terminal/terminal-pane.tsx";
import { useBench } from "../bench.ts";

/** The session of the playground with the owner's terminals in it. */
export function SessionPart() {
  const { session, image, openLayers } = useBench();
  return (
    <SessionPanel
      session={session}
      image={image}
      onLayers={(savedImageId) => openLayers({ kind: "saved", savedImageId })}
      renderTerminal={(sessionId, { terminal, name, visible, actions }) => (
        <TerminalPane
          sessionId={sessionId}
          terminalId={terminal.terminalId}
          name={name}
          ticket={session.ticket}
          visible={visible}
          actions={actions}
        />
      )}
    />
  );
}
