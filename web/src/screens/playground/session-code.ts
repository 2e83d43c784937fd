import { loadTerminalTabs } from "../../features/session/terminals.tsx";
import { loadTerminalCode } from "../../features/terminal/use-terminal.ts";
import { loadChunk } from "../../ui/load-chunk.ts";

export const loadTerminalPane = () => loadChunk(() => import("../../features/terminal/terminal-pane.tsx"));

/** Loads what a session needs on the page, before there is one. What fails is loaded again when it is needed. */
export function loadSessionCode(): void {
  void Promise.allSettled([loadTerminalTabs(), loadTerminalPane(), loadTerminalCode()]);
}
