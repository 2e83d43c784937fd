import { FileList } from "../../../features/files/file-list.tsx";
import { useBench } from "../bench.ts";

export function FilesPanel() {
  const { drafts, snapshot, open, openFile } = useBench();
  return <FileList drafts={drafts} snapshot={snapshot} open={open} onOpen={openFile} />;
}
