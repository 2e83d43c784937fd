import { lazy, Suspense } from "react";
import type { SessionView } from "../../rpc/client.ts";
import { loadChunk } from "../../ui/load-chunk.ts";

/** Their code is loaded when one is opened. */
const ShareDialog = lazy(() =>
  loadChunk(() => import("./share-dialog.tsx")).then(({ ShareDialog: shown }) => ({ default: shown })),
);
const KeepDialog = lazy(() =>
  loadChunk(() => import("./keep-dialog.tsx")).then(({ KeepDialog: shown }) => ({ default: shown })),
);

/** The dialog of a session in front of the page; one at a time. */
export type OpenSessionDialog = "none" | "share" | "keep";

export interface SessionDialogsProps {
  readonly open: OpenSessionDialog;
  readonly view: SessionView;
  readonly onClose: () => void;
  readonly onLaunch: (savedImageId: string) => void;
  readonly onLayers: (savedImageId: string) => void;
}

export function SessionDialogs({ open, view, onClose, onLaunch, onLayers }: SessionDialogsProps) {
  return (
    <Suspense>
      {open === "share" && <ShareDialog view={view} onClose={onClose} />}
      {open === "keep" && (
        <KeepDialog
          view={view}
          onClose={onClose}
          onLaunch={(savedImageId) => {
            onClose();
            onLaunch(savedImageId);
          }}
          onLayers={(savedImageId) => {
            onClose();
            onLayers(savedImageId);
          }}
        />
      )}
    </Suspense>
  );
}
