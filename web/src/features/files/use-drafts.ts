import { useEffect, useState, useSyncExternalStore } from "react";
import { type PlaygroundView, rpc } from "../../rpc/client.ts";
import { isUnreachable, wireErrorOf } from "../../rpc/failure.ts";
import { loadChunk } from "../../ui/load-chunk.ts";
import type { DraftsOptions, DraftsSnapshot } from "./draft.ts";
import { Drafts } from "./drafts.ts";
import type { KeptEdits } from "./kept-edits.ts";

const schedule = (ms: number, run: () => void): (() => void) => {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
};

const serverOf = (id: string): DraftsOptions["server"] => ({
  save: (path, content, base, keep) => rpc.playground.saveFile.mutate({ id, path, content, base, keep }),
  read: (path) => rpc.playground.readText.query({ id, path }),
  createFolder: (path) => rpc.playground.createFolder.mutate({ id, path }),
  remove: (path) => rpc.playground.remove.mutate({ id, path }),
  move: (from, to) => rpc.playground.move.mutate({ id, from, to }),
});

/** What keeps edits comes in a chunk of its own, right after the page. */
function browserEdits(id: string): KeptEdits {
  let loaded: Promise<KeptEdits> | null = null;
  const edits = () => {
    loaded ??= loadChunk(() => import("./browser-edits.ts")).then(({ BrowserEdits }) => new BrowserEdits(id));
    return loaded;
  };
  return {
    keep: async (edit) => (await edits()).keep(edit),
    forget: async (path) => (await edits()).forget(path),
    adopt: async () => (await edits()).adopt(),
  };
}

const openDrafts = ({ id, files, texts, limits }: PlaygroundView): Drafts =>
  new Drafts(files, texts, {
    server: serverOf(id),
    kept: browserEdits(id),
    merge: () => loadChunk(() => import("./merge-texts.ts")).then(({ mergeTexts }) => mergeTexts),
    wireErrorOf,
    isUnreachable,
    textBytes: limits.textBytes,
    schedule,
  });

/**
 * The drafts of one playground. They follow what happens to the files elsewhere, and take up what this browser could not
 * save; they are saved when the page is hidden or the connection is back, and a page with unsaved text asks before it closes.
 */
export function useDrafts(playground: PlaygroundView): { drafts: Drafts; snapshot: DraftsSnapshot } {
  const [drafts] = useState(() => openDrafts(playground));
  const snapshot = useSyncExternalStore(drafts.subscribe, drafts.snapshot, drafts.snapshot);

  useEffect(() => {
    void drafts.adopt();
    const watch = rpc.playground.watch.subscribe(
      { id: playground.id },
      { onData: (news) => void drafts.take(news) },
    );
    return () => watch.unsubscribe();
  }, [drafts, playground.id]);

  useEffect(() => {
    const hidden = () => {
      if (document.visibilityState === "hidden") void drafts.flush();
    };
    const online = () => void drafts.flush();
    const closing = (event: BeforeUnloadEvent) => {
      if (drafts.isDirty) event.preventDefault();
    };
    document.addEventListener("visibilitychange", hidden);
    window.addEventListener("online", online);
    window.addEventListener("beforeunload", closing);
    return () => {
      document.removeEventListener("visibilitychange", hidden);
      window.removeEventListener("online", online);
      window.removeEventListener("beforeunload", closing);
    };
  }, [drafts]);

  return { drafts, snapshot };
}
