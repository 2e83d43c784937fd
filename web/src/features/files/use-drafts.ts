import { useEffect, useState, useSyncExternalStore } from "react";
import { type PlaygroundFile, rpc } from "../../rpc/client.ts";
import { wireErrorOf } from "../../rpc/failure.ts";
import { Drafts, type DraftsSnapshot } from "./drafts.ts";

const schedule = (ms: number, run: () => void): (() => void) => {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
};

/** The drafts of one playground. They are saved when the page is hidden, and a page with unsaved text asks before it closes. */
export function useDrafts(
  playgroundId: string,
  files: readonly PlaygroundFile[],
): { drafts: Drafts; snapshot: DraftsSnapshot } {
  const [drafts] = useState(
    () =>
      new Drafts(files, {
        server: {
          save: (path, content) => rpc.playground.saveFile.mutate({ id: playgroundId, path, content }),
          remove: (path) => rpc.playground.deleteFile.mutate({ id: playgroundId, path }),
          rename: (from, to) => rpc.playground.renameFile.mutate({ id: playgroundId, from, to }),
        },
        wireErrorOf,
        schedule,
      }),
  );
  const snapshot = useSyncExternalStore(drafts.subscribe, drafts.snapshot, drafts.snapshot);

  useEffect(() => {
    const hidden = () => {
      if (document.visibilityState === "hidden") void drafts.flush();
    };
    const closing = (event: BeforeUnloadEvent) => {
      if (drafts.isDirty) event.preventDefault();
    };
    document.addEventListener("visibilitychange", hidden);
    window.addEventListener("beforeunload", closing);
    return () => {
      document.removeEventListener("visibilitychange", hidden);
      window.removeEventListener("beforeunload", closing);
    };
  }, [drafts]);

  return { drafts, snapshot };
}
