import { History, Share2 } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useTranslations } from "use-intl";
import { FilesPanel as FileTree } from "../../../features/files/files-panel.tsx";
import { type Collected, collectDrop } from "../../../ui/collect-files.ts";
import { loadChunk } from "../../../ui/load-chunk.ts";
import { useBench } from "../bench.ts";

/** Their code is loaded when one is opened. */
const UploadDialog = lazy(() =>
  loadChunk(() => import("../../../features/files/upload-dialog.tsx")).then((module) => ({
    default: module.UploadDialog,
  })),
);
const ShareDialog = lazy(() =>
  loadChunk(() => import("../../../features/playground-sharing/share-dialog.tsx")).then((module) => ({
    default: module.ShareDialog,
  })),
);
const HistoryDialog = lazy(() =>
  loadChunk(() => import("../../../features/files/history-dialog.tsx")).then((module) => ({
    default: module.HistoryDialog,
  })),
);

type OpenDialog =
  | { readonly kind: "none" }
  | {
      readonly kind: "upload";
      readonly folder: string;
      readonly dropped: (() => Promise<Collected[]>) | null;
    }
  | { readonly kind: "history" | "share" };

/** The files, and what brings them in and takes them out. */
export function FilesPanel() {
  const t = useTranslations();
  const { playground, drafts, snapshot, open, openFile } = useBench();
  const [dialog, setDialog] = useState<OpenDialog>({ kind: "none" });
  const close = () => setDialog({ kind: "none" });
  const save = () => drafts.flush();
  return (
    <>
      <FileTree
        drafts={drafts}
        snapshot={snapshot}
        open={open}
        onOpen={openFile}
        onUpload={(folder, dropped) =>
          setDialog({ kind: "upload", folder, dropped: dropped && collectDrop(dropped) })
        }
        foot={
          <div className="flex shrink-0 flex-wrap items-center border-line border-t p-1 text-small">
            <button type="button" onClick={() => setDialog({ kind: "history" })} className={FOOT}>
              <History size={14} strokeWidth={1.75} aria-hidden="true" />
              {t("files.history.action")}
            </button>
            <button type="button" onClick={() => setDialog({ kind: "share" })} className={FOOT}>
              <Share2 size={14} strokeWidth={1.75} aria-hidden="true" />
              {t("playgrounds.share.action")}
            </button>
          </div>
        }
      />
      <Suspense>
        {dialog.kind === "upload" && (
          <UploadDialog
            playgroundId={playground.id}
            limits={playground.limits}
            folder={dialog.folder}
            dropped={dialog.dropped}
            save={save}
            onClose={close}
          />
        )}
        {dialog.kind === "history" && (
          <HistoryDialog playgroundId={playground.id} save={save} onClose={close} />
        )}
        {dialog.kind === "share" && <ShareDialog playgroundId={playground.id} save={save} onClose={close} />}
      </Suspense>
    </>
  );
}

const FOOT =
  "inline-flex h-7 items-center gap-1.5 rounded-medium px-2 text-ink-soft hover:bg-hover hover:text-ink";
