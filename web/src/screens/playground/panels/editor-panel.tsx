import { useEffect } from "react";
import { useTranslations } from "use-intl";
import { Editor } from "../../../features/editor/editor.tsx";
import { FileNotice } from "../../../features/files/file-notice.tsx";
import { fileUrl } from "../../../rpc/playground-files.ts";
import { useBench } from "../bench.ts";
import { NO_MARKS } from "../build-marks.ts";
import { DOCKERFILE } from "../dockerfile.ts";

/** The text of the open file. */
export function EditorPanel() {
  const t = useTranslations("playground");
  const { playground, drafts, snapshot, open, marks, reveal, edited, building } = useBench();
  const file = snapshot.files.find((candidate) => candidate.path === open);
  const waits = file?.isText && file.content === null;
  useEffect(() => {
    if (open !== null && waits) void drafts.open(open);
  }, [drafts, open, waits]);
  if (file === undefined) return <p className="p-6 text-ink-soft">{t("noFile")}</p>;
  if (file.content === null) return <FileNotice file={file} href={fileUrl(playground.id, file.path)} />;
  const isDockerfile = file.path === DOCKERFILE;
  return (
    <section aria-label={t("editor")} className="flex min-h-0 flex-1 flex-col">
      <Editor
        path={file.path}
        content={file.content}
        outside={file.outside}
        marks={isDockerfile ? marks : NO_MARKS}
        reveal={isDockerfile ? reveal : null}
        onChange={(path, content) => {
          drafts.edit(path, content);
          if (path === DOCKERFILE) edited();
        }}
        onBuild={building.startAsBefore}
      />
    </section>
  );
}
