import { useState } from "react";
import type { Draft, DraftsSnapshot } from "./draft.ts";
import type { Drafts } from "./drafts.ts";
import { folderOf, foldersTo, type TreeRow, visibleRows } from "./file-tree.ts";

/** What the panel is busy with; one thing at a time. */
export type Doing =
  | { readonly kind: "nothing" }
  | { readonly kind: "adding"; readonly what: "file" | "folder"; readonly in: string }
  | { readonly kind: "renaming"; readonly path: string }
  | { readonly kind: "deleting"; readonly path: string };

export interface TreeOptions {
  readonly drafts: Drafts;
  readonly snapshot: DraftsSnapshot;
  /** Path of the open file. */
  readonly open: string | null;
  readonly onOpen: (path: string | null) => void;
}

export interface Tree {
  readonly rows: readonly TreeRow[];
  readonly fileAt: (path: string) => Draft | undefined;
  readonly expanded: ReadonlySet<string>;
  readonly toggle: (folder: string, to?: boolean) => void;
  readonly doing: Doing;
  readonly begin: (doing: Doing) => void;
  readonly done: () => void;
  /** Begins with a name beside the open file. */
  readonly beginAdding: (what: "file" | "folder") => void;
  /** Paths that a new name must not be; `except`: the one that is renamed, with what is in it. */
  readonly taken: (except: string | null) => { files: string[]; folders: string[] };
  readonly add: (what: "file" | "folder", path: string) => void;
  readonly move: (from: string, to: string) => void;
  readonly remove: (path: string) => void;
}

const isWithin = (path: string, other: string): boolean => path === other || path.startsWith(`${other}/`);

/** The files as a tree, and what can be done with them. */
export function useTree({ drafts, snapshot, open, onOpen }: TreeOptions): Tree {
  const [doing, begin] = useState<Doing>({ kind: "nothing" });
  const [expanded, setExpanded] = useState<ReadonlySet<string>>(() => new Set(foldersTo(open ?? "")));
  const files = snapshot.files.map((file) => ({ ...file, isFolder: file.digest === null }));
  const byPath = new Map(files.map((file) => [file.path, file]));
  const done = () => begin({ kind: "nothing" });
  const reveal = (path: string) => setExpanded(new Set([...expanded, ...foldersTo(path)]));

  return {
    rows: visibleRows(files, expanded),
    fileAt: (path) => byPath.get(path),
    expanded,
    toggle(folder, to = !expanded.has(folder)) {
      const next = new Set(expanded);
      if (to) next.add(folder);
      else next.delete(folder);
      setExpanded(next);
    },
    doing,
    begin,
    done,
    beginAdding: (what) => begin({ kind: "adding", what, in: folderOf(open ?? "") }),
    taken(except) {
      const others = files.filter(({ path }) => except === null || !isWithin(path, except));
      return {
        files: others.filter(({ isFolder }) => !isFolder).map(({ path }) => path),
        folders: others.filter(({ isFolder }) => isFolder).map(({ path }) => path),
      };
    },
    add(what, path) {
      done();
      reveal(path);
      if (what === "folder") return void drafts.addFolder(path);
      void drafts.add(path);
      onOpen(path);
    },
    move(from, to) {
      done();
      reveal(to);
      void drafts.move(from, to).then(() => {
        if (open === null || !isWithin(open, from)) return;
        const moved = to + open.slice(from.length);
        // A move that was refused leaves the file where it is.
        if (drafts.snapshot().files.some(({ path }) => path === moved)) onOpen(moved);
      });
    },
    remove(path) {
      done();
      if (open !== null && isWithin(open, path)) {
        onOpen(files.find((other) => !other.isFolder && !isWithin(other.path, path))?.path ?? null);
      }
      void drafts.remove(path);
    },
  };
}
