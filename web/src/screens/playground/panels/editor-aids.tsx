import { lazy, Suspense, useEffect, useMemo } from "react";
import { isDockerfile } from "../../../features/editor/file-kinds.ts";
import type { Reveal } from "../../../features/editor/marks.ts";
import type { Draft } from "../../../features/files/draft.ts";
import { loadChunk } from "../../../ui/load-chunk.ts";
import { useBench } from "../bench.ts";
import { DOCKERFILE } from "../dockerfile.ts";

/** Their code is loaded when one is called up. */
const OutlinePanel = lazy(() =>
  loadChunk(() => import("../../../features/editor/outline-panel.tsx")).then((module) => ({
    default: module.OutlinePanel,
  })),
);
const ContextPanel = lazy(() =>
  loadChunk(() => import("../../../features/build-context/context-panel.tsx")).then((module) => ({
    default: module.ContextPanel,
  })),
);

const NEW_IGNORE_FILE = ".dockerignore";
/** Ignore files of the Dockerfile that is built; the first one that exists counts. */
const IGNORE_FILES = [`${DOCKERFILE}.dockerignore`, NEW_IGNORE_FILE];

/** What stands below the text; one at a time. */
export type EditorAid = "none" | "outline" | "context";

export interface EditorAidsProps {
  readonly aid: EditorAid;
  /** The open file. */
  readonly file: Draft;
  /** Shows a range of the file that is open then. */
  readonly onGo: (range: Reveal["range"]) => void;
  readonly onClose: () => void;
}

/** The outline of the open Dockerfile, or the files that go into the build. */
export function EditorAids({ aid, file, onGo, onClose }: EditorAidsProps) {
  if (aid === "none") return null;
  return (
    <Suspense>
      {aid === "context" && <Context onGo={onGo} onClose={onClose} />}
      {aid === "outline" && file.content !== null && isDockerfile(file.path) && (
        <OutlinePanel text={file.content} onGo={onGo} onClose={onClose} />
      )}
    </Suspense>
  );
}

function Context({ onGo, onClose }: Pick<EditorAidsProps, "onGo" | "onClose">) {
  const { drafts, snapshot, openFile } = useBench();
  const files = useMemo(() => snapshot.files.filter(({ digest }) => digest !== null), [snapshot.files]);
  const ignore = IGNORE_FILES.map((name) => files.find(({ path }) => path === name)).find(Boolean);
  const path = ignore?.path ?? null;
  const waits = ignore?.isText && ignore.content === null;
  useEffect(() => {
    if (path !== null && waits) void drafts.open(path);
  }, [drafts, path, waits]);
  const leaveOut = async (pattern: string) => {
    const { withRule } = await import("../../../features/build-context/context-tree.ts");
    if (path === null) await drafts.add(NEW_IGNORE_FILE);
    drafts.edit(path ?? NEW_IGNORE_FILE, withRule(ignore?.content ?? "", pattern));
  };
  return (
    <ContextPanel
      files={files}
      ignoreFile={ignore === undefined ? null : { path: ignore.path, text: ignore.content ?? "" }}
      onShowRule={(shown, line) => {
        openFile(shown);
        onGo({ startLine: line, startColumn: 1, endLine: line, endColumn: 1 });
      }}
      onIgnore={(pattern) => void leaveOut(pattern)}
      onOpen={openFile}
      onClose={onClose}
    />
  );
}
