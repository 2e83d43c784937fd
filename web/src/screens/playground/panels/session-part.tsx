import { lazy, Suspense } from "react";
import { SessionPanel } from "../../../features/session/session-panel.tsx";
import { StepNote } from "../../../features/session/step-note.tsx";
import { useBench } from "../bench.ts";
import { loadTerminalPane } from "../session-code.ts";

const TerminalPane = lazy(() => loadTerminalPane().then((module) => ({ default: module.TerminalPane })));

/** The session of the playground with the owner's terminals in it. */
export function SessionPart() {
  const { session, image, building, openLayers } = useBench();
  return (
    <>
      <StepNote phase={session.phase} />
      <SessionPanel
        session={session}
        image={image}
        onBuild={building.startAsBefore}
        onLayers={(savedImageId) => openLayers({ kind: "saved", savedImageId })}
        renderTerminal={(sessionId, { terminal, name, visible, actions }) => (
          <Suspense>
            <TerminalPane
              sessionId={sessionId}
              terminalId={terminal.terminalId}
              name={name}
              ticket={session.ticket}
              visible={visible}
              actions={actions}
            />
          </Suspense>
        )}
      />
    </>
  );
}
