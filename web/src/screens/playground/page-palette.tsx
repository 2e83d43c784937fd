import { Palette } from "../../features/palette/palette.tsx";
import { useBuildActions, usePageActions, useSessionActions } from "./page-actions.ts";

/** The palette with all that can be done to this playground at this moment. */
export function PagePalette({ onClose }: { readonly onClose: () => void }) {
  const actions = [...useBuildActions(), ...useSessionActions(), ...usePageActions()];
  return <Palette actions={actions} onClose={onClose} />;
}
