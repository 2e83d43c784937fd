import { lazy, Suspense, useCallback, useState } from "react";
import { BuildPanel } from "../../../features/build-log/build-panel.tsx";
import { loadChunk } from "../../../ui/load-chunk.ts";
import { useBench } from "../bench.ts";
import { remedyFor } from "../remedies.tsx";
import { useStepTerminal } from "../use-step-terminal.tsx";

const HistoryDialog = lazy(() =>
  loadChunk(() => import("../../../features/build-log/history/history-dialog.tsx")).then((module) => ({
    default: module.HistoryDialog,
  })),
);

/** The newest build of the playground, or an older one, and the ways from it to others and to terminals. */
export function BuildStepsPanel() {
  const { building, playground, session, layout, show, excerpt, openDialog, openLayers } = useBench();
  const { build } = building;
  const { show: showPanel } = layout;
  const showSession = useCallback(() => showPanel("session", "session"), [showPanel]);
  const stepTerminal = useStepTerminal(session, showSession);
  const [lists, setLists] = useState(false);
  return (
    <>
      <BuildPanel
        phase={build.phase}
        busy={build.busy}
        onBuildAgain={building.startWithoutCache}
        onCancel={() => void build.cancel()}
        onShow={show}
        excerpt={excerpt}
        onLayers={(buildId) => openLayers({ kind: "build", buildId })}
        remedy={(error) => remedyFor(error, openDialog)}
        onHistory={() => setLists(true)}
        onNewest={build.showNewest}
        onTerminal={stepTerminal.ask}
      />
      {stepTerminal.dialog}
      {lists && (
        <Suspense>
          <HistoryDialog
            playgroundId={playground.id}
            shownId={build.phase.kind === "shown" ? build.phase.buildId : null}
            onClose={() => setLists(false)}
            onShow={(chosen) => {
              setLists(false);
              build.show(chosen);
            }}
            onCompareImages={(earlierId, laterId) => {
              setLists(false);
              openLayers({ kind: "build", buildId: laterId }, { kind: "build", buildId: earlierId });
            }}
          />
        </Suspense>
      )}
    </>
  );
}
