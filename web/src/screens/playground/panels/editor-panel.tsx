import { useEffect, useState } from "react";
import { useTranslations } from "use-intl";
import { ContextButton } from "../../../features/build-context/context-button.tsx";
import { Editor } from "../../../features/editor/editor.tsx";
import { EditorBar } from "../../../features/editor/editor-bar.tsx";
import { isDockerfile } from "../../../features/editor/file-kinds.ts";
import type { Reveal } from "../../../features/editor/marks.ts";
import { useKnownImages } from "../../../features/editor/use-known-images.ts";
import { FileNotice } from "../../../features/files/file-notice.tsx";
import { fileUrl } from "../../../rpc/playground-files.ts";
import { useBench } from "../bench.ts";
import { NO_MARKS } from "../build-marks.ts";
import { DOCKERFILE } from "../dockerfile.ts";
import { type EditorAid, EditorAids } from "./editor-aids.tsx";

/** The open file with what helps to write it: bar, text, and the aids that are called up. */
export function EditorPanel() {
  const t = useTranslations("playground");
  const { playground, drafts, snapshot, open, marks, reveal, edited, building } = useBench();
  const [aid, setAid] = useState<EditorAid>("none");
  const [formatWish, setFormatWish] = useState(0);
  const [jump, setJump] = useState<Reveal | null>(null);
  const images = useKnownImages();
  const file = snapshot.files.find((candidate) => candidate.path === open);
  const waits = file?.isText && file.content === null;
  useEffect(() => {
    if (open !== null && waits) void drafts.open(open);
  }, [drafts, open, waits]);
  const toggle = (wanted: EditorAid) => setAid(aid === wanted ? "none" : wanted);
  if (file === undefined) return <p className="p-6 text-ink-soft">{t("noFile")}</p>;
  const isBuilt = file.path === DOCKERFILE;
  return (
    <section aria-label={t("editor")} className="flex min-h-0 flex-1 flex-col">
      <EditorBar
        path={file.path}
        isDockerfile={isDockerfile(file.path)}
        outlineOpen={aid === "outline"}
        onOutline={() => toggle("outline")}
        onFormat={() => setFormatWish((wish) => wish + 1)}
      >
        <ContextButton open={aid === "context"} onToggle={() => toggle("context")} />
      </EditorBar>
      {file.content === null ? (
        <FileNotice file={file} href={fileUrl(playground.id, file.path)} />
      ) : (
        <Editor
          path={file.path}
          content={file.content}
          outside={file.outside}
          files={snapshot.files}
          images={images}
          marks={isBuilt ? marks : NO_MARKS}
          reveal={isBuilt ? reveal : null}
          jump={jump}
          formatWish={formatWish}
          onChange={(path, content) => {
            drafts.edit(path, content);
            if (path === DOCKERFILE) edited();
          }}
          onBuild={building.startAsBefore}
        />
      )}
      <EditorAids
        aid={aid}
        file={file}
        onGo={(range) => setJump((last) => ({ range, wish: (last?.wish ?? 0) + 1 }))}
        onClose={() => setAid("none")}
      />
    </section>
  );
}
