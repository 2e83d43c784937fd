import { FilesPanel as FileTree } from "../../../features/files/files-panel.tsx";
import { useBench } from "../bench.ts";

export function FilesPanel() {
  const { drafts, snapshot, open, openFile } = useBench();
  return <FileTree drafts={drafts} snapshot={snapshot} open={open} onOpen={openFile} />;
}
