import { BuildPanel } from "../../../features/build-log/build-panel.tsx";
import { useBench } from "../bench.ts";
import { remedyFor } from "../remedies.tsx";

/** The newest build of the playground. */
export function BuildStepsPanel() {
  const { building, show, excerpt, openDialog, openLayers } = useBench();
  return (
    <BuildPanel
      phase={building.build.phase}
      busy={building.build.busy}
      onBuildAgain={building.startWithoutCache}
      onCancel={() => void building.build.cancel()}
      onShow={show}
      excerpt={excerpt}
      onLayers={(buildId) => openLayers({ kind: "build", buildId })}
      remedy={(error) => remedyFor(error, openDialog)}
    />
  );
}
