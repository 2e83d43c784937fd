import { lazy, Suspense } from "react";
import { loadChunk } from "../../ui/load-chunk.ts";
import type { TerminalTabsProps } from "./terminal-tabs.tsx";

/** Also called ahead of time, so that a session that is launched does not wait for it. */
export const loadTerminalTabs = () => loadChunk(() => import("./terminal-tabs.tsx"));

const TerminalTabs = lazy(() => loadTerminalTabs().then((module) => ({ default: module.TerminalTabs })));

/** The terminals of a session. The code comes in a chunk of its own: a page without a session does without. */
export function Terminals(props: TerminalTabsProps) {
  return (
    <Suspense fallback={<div className="flex-1" />}>
      <TerminalTabs {...props} />
    </Suspense>
  );
}
