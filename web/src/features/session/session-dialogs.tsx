import { lazy, Suspense } from "react";
import type { SessionView } from "../../rpc/client.ts";
import { loadChunk } from "../../ui/load-chunk.ts";
import type { FilesOrder } from "./container-files/files-order.ts";

/** Their code is loaded when one is opened. */
const ShareDialog = lazy(() =>
  loadChunk(() => import("./share-dialog.tsx")).then(({ ShareDialog: shown }) => ({ default: shown })),
);
const KeepDialog = lazy(() =>
  loadChunk(() => import("./keep-dialog.tsx")).then(({ KeepDialog: shown }) => ({ default: shown })),
);

const FilesDialog = lazy(() =>
  loadChunk(() => import("./container-files/files-dialog.tsx")).then(({ FilesDialog: shown }) => ({
    default: shown,
  })),
);

/** The dialog of a session in front of the page; one at a time. */
export type OpenSessionDialog = "none" | "share" | "keep" | FilesOrder;

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
      {typeof open === "object" && <FilesDialog sessionId={view.id} order={open} onClose={onClose} />}
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
