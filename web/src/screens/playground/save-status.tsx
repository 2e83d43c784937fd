import { lazy, Suspense, useState } from "react";
import { SaveStateLabel } from "../../features/files/save-state.tsx";
import { loadChunk } from "../../ui/load-chunk.ts";
import { useBench } from "./bench.ts";

/** Its code is loaded when the first conflict is looked at. */
const ConflictDialog = lazy(() =>
  loadChunk(() => import("../../features/files/conflict-dialog.tsx")).then((module) => ({
    default: module.ConflictDialog,
  })),
);

/** Whether the files are saved, and the way out of conflicts. */
export function SaveStatus() {
  const { drafts, snapshot } = useBench();
  const [compared, setCompared] = useState<string | null>(null);
  const file = snapshot.files.find((candidate) => candidate.path === compared);
  return (
    <>
      <SaveStateLabel save={snapshot.save} retry={() => void drafts.flush()} onConflict={setCompared} />
      {file?.conflict && (
        <Suspense>
          <ConflictDialog
            file={file}
            onClose={() => setCompared(null)}
            onChoose={(choice) => {
              setCompared(null);
              void drafts.resolve(file.path, choice);
            }}
          />
        </Suspense>
      )}
    </>
  );
}
