import type { DirectoryPage, WireError } from "@slipway/protocol";
import { useCallback, useEffect, useRef, useState } from "react";
import { wireErrorOf } from "../../rpc/failure.ts";
import { type Tree, withPage } from "./tree-model.ts";

/** Asks for a page of a directory. */
export type LoadPage = (directory: string, offset: number, signal: AbortSignal) => Promise<DirectoryPage>;

export interface TreeState {
  readonly tree: Tree;
  readonly failure: WireError | null;
  /** False until the first answer. */
  readonly isThere: boolean;
  /** What is shown is still what an earlier key stands for. */
  readonly isStale: boolean;
  readonly again: () => void;
  readonly ask: (directory: string, offset: number) => void;
  readonly expand: (path: string) => void;
  readonly collapse: (path: string) => void;
}

const NOTHING: Tree = { directories: new Map(), expanded: new Set() };
/** Directories that stay open when the layer changes, at most. */
const MOST_KEPT_OPEN = 32;

/** The tree of files as of what `key` stands for. With another key it is asked for anew, and what was open stays open. */
export function useTree(key: string, load: LoadPage): TreeState {
  const [tree, setTree] = useState<Tree>(NOTHING);
  const [shown, setShown] = useState<string | null>(null);
  const [failure, setFailure] = useState<WireError | null>(null);
  const [tries, setTries] = useState(0);
  const life = useRef(new AbortController());
  const asked = useRef(new Set<string>());
  const expanded = useRef(tree.expanded);
  expanded.current = tree.expanded;

  const loading = useRef(load);
  loading.current = load;
  const question = `${tries} ${key}`;
  useEffect(() => {
    const abort = new AbortController();
    life.current = abort;
    asked.current = new Set();
    setFailure(null);
    void firstPages(loading.current, [...expanded.current].slice(0, MOST_KEPT_OPEN), abort.signal).then(
      (fresh) => {
        if (abort.signal.aborted) return;
        setTree(fresh);
        setShown(question);
      },
      (thrown: unknown) => !abort.signal.aborted && setFailure(wireErrorOf(thrown)),
    );
    return () => abort.abort();
  }, [question]);

  const ask = useCallback((directory: string, offset: number) => {
    const { signal } = life.current;
    const page = `${offset} ${directory}`;
    if (asked.current.has(page)) return;
    asked.current.add(page);
    loading.current(directory, offset, signal).then(
      (answer) => !signal.aborted && setTree((before) => withPage(before, directory, offset, answer)),
      (thrown: unknown) => !signal.aborted && setFailure(wireErrorOf(thrown)),
    );
  }, []);
  const expand = useCallback(
    (path: string) => {
      setTree((before) => ({ ...before, expanded: new Set(before.expanded).add(path) }));
      ask(path, 0);
    },
    [ask],
  );
  const collapse = useCallback((path: string) => {
    setTree((before) => {
      const rest = new Set(before.expanded);
      rest.delete(path);
      return { ...before, expanded: rest };
    });
  }, []);
  const again = useCallback(() => setTries((before) => before + 1), []);
  return {
    tree,
    failure,
    isThere: shown !== null,
    isStale: shown !== question,
    again,
    ask,
    expand,
    collapse,
  };
}

/** The first page of the root and of what is open. What is no directory any more is closed. */
async function firstPages(load: LoadPage, open: readonly string[], signal: AbortSignal): Promise<Tree> {
  const [root, ...others] = await Promise.all([
    load("", 0, signal),
    ...open.map((path) => load(path, 0, signal).catch(() => null)),
  ]);
  let tree = withPage(NOTHING, "", 0, root);
  const expanded = new Set<string>();
  for (const [index, page] of others.entries()) {
    const path = open[index];
    if (page === null || path === undefined) continue;
    tree = withPage(tree, path, 0, page);
    expanded.add(path);
  }
  return { ...tree, expanded };
}
