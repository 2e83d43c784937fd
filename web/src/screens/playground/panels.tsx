import { type ComponentType, lazy } from "react";
import type { useTranslations } from "use-intl";
import { loadChunk } from "../../ui/load-chunk.ts";
import type { Area } from "./layout/layout.ts";
import { BuildStepsPanel } from "./panels/build-steps-panel.tsx";
import { EditorPanel } from "./panels/editor-panel.tsx";
import { FilesPanel } from "./panels/files-panel.tsx";
import { SessionPart } from "./panels/session-part.tsx";

const UsagePanel = lazy(() =>
  loadChunk(() => import("./panels/usage-panel.tsx")).then((module) => ({ default: module.UsagePanel })),
);
const ProcessesPanel = lazy(() =>
  loadChunk(() => import("./panels/processes-panel.tsx")).then((module) => ({
    default: module.ProcessesPanel,
  })),
);
const DockerPanel = lazy(() =>
  loadChunk(() => import("./panels/docker-panel.tsx")).then((module) => ({ default: module.DockerPanel })),
);
const IsolationPanel = lazy(() =>
  loadChunk(() => import("./panels/isolation-panel.tsx")).then((module) => ({
    default: module.IsolationPanel,
  })),
);

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
 * takes what it needs from `useBench()`. What is not on the screen at first is `lazy`, in a chunk of its own.
 */
export const PANELS: readonly PanelEntry[] = [
  { id: "files", area: "left", title: "playground.files", Content: FilesPanel },
  { id: "editor", area: "middle", title: "playground.editor", Content: EditorPanel },
  { id: "steps", area: "build", title: "build.title", Content: BuildStepsPanel },
  { id: "session", area: "session", title: "session.title", Content: SessionPart },
  { id: "docker", area: "session", title: "docker.title", Content: DockerPanel },
  { id: "usage", area: "session", title: "inside.usage", Content: UsagePanel },
  { id: "processes", area: "session", title: "inside.processes", Content: ProcessesPanel },
  { id: "isolation", area: "session", title: "inside.isolation", Content: IsolationPanel },
];

export const panelsIn = (area: Area): readonly PanelEntry[] => PANELS.filter((panel) => panel.area === area);
