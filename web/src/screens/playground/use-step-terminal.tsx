import { lazy, type ReactNode, Suspense, useCallback, useState } from "react";
import type { Step } from "../../features/build-log/build-log.ts";
import type { Session } from "../../features/session/use-session.ts";
import { loadChunk } from "../../ui/load-chunk.ts";

const TerminalDialog = lazy(() =>
  loadChunk(() => import("../../features/build-log/terminal-dialog.tsx")).then((module) => ({
    default: module.TerminalDialog,
  })),
);

/** Opens terminals at steps of builds, after a question. `onOpen` is told when one is on its way. */
export function useStepTerminal(
  session: Session,
  onOpen: () => void,
): { readonly ask: (buildId: string, step: Step) => void; readonly dialog: ReactNode } {
  const [wanted, setWanted] = useState<{ readonly buildId: string; readonly step: Step } | null>(null);
  const ask = useCallback((buildId: string, step: Step) => setWanted({ buildId, step }), []);
  const dialog = wanted !== null && (
    <Suspense>
      <TerminalDialog
        step={wanted.step}
        replaces={session.phase.kind === "live"}
        onClose={() => setWanted(null)}
        onOpen={(side) => {
          setWanted(null);
          onOpen();
          const step = { buildId: wanted.buildId, step: wanted.step.index, side };
          void session.launch({ start: "shell", step });
        }}
      />
    </Suspense>
  );
  return { ask, dialog };
}
