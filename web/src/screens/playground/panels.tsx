import type { ComponentType } from "react";
import type { useTranslations } from "use-intl";
import type { Area } from "./layout/layout.ts";
import { BuildStepsPanel } from "./panels/build-steps-panel.tsx";
import { EditorPanel } from "./panels/editor-panel.tsx";
import { FilesPanel } from "./panels/files-panel.tsx";
import { SessionPart } from "./panels/session-part.tsx";

export interface PanelProps {
  /** It is on the screen. One that is not keeps its state, and has no reason to ask for anything. */
  readonly visible: boolean;
}

export interface PanelEntry {
  readonly id: string;
  readonly area: Area;
  /** Key of the words on its tab. */
  readonly title: Parameters<ReturnType<typeof useTranslations<never>>>[0];
  readonly Content: ComponentType<PanelProps>;
}

/**
 * All panels, in the order of their tabs; the first of an area is in front at first. A panel is a component in `panels/` that
 * takes what it needs from `useBench()`. What is not on the screen at first comes as
 * `lazy(() => loadChunk(() => import("./panels/….tsx")))`, with a default export.
 */
const PANELS: readonly PanelEntry[] = [
  { id: "files", area: "left", title: "playground.files", Content: FilesPanel },
  { id: "editor", area: "middle", title: "playground.editor", Content: EditorPanel },
  { id: "steps", area: "build", title: "build.title", Content: BuildStepsPanel },
  { id: "session", area: "session", title: "session.title", Content: SessionPart },
];

export const panelsIn = (area: Area): readonly PanelEntry[] => PANELS.filter((panel) => panel.area === area);
