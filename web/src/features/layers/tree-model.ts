import type { DirectoryEntry } from "@slipway/protocol";

/** Entries that are asked for at once. */
export const PAGE_ENTRIES = 200;

/** A directory as far as it was looked at. */
export interface LoadedDirectory {
  readonly total: number;
  /** By their place in the directory; what is not here was not asked for yet. */
  readonly entries: ReadonlyMap<number, DirectoryEntry>;
}

export interface Tree {
  /** By path; "" is the root. */
  readonly directories: ReadonlyMap<string, LoadedDirectory>;
  readonly expanded: ReadonlySet<string>;
}

/** A line of the tree; `entry` is null while it is on its way. */
export interface TreeRow {
  readonly directory: string;
  readonly index: number;
  readonly total: number;
  readonly depth: number;
  readonly entry: DirectoryEntry | null;
  readonly isExpanded: boolean;
}

export const pathOf = (directory: string, name: string): string =>
  directory === "" ? name : `${directory}/${name}`;

export const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf("/")));

/** Every directory on the way to a path, the path itself left out. */
export function ancestorsOf(path: string): string[] {
  const names = path.split("/");
  return names.slice(1).map((_, index) => names.slice(0, index + 1).join("/"));
}

/** All lines from top to bottom. Those of a directory are as many as it has entries, whether they are known or not. */
export function rowsOf(tree: Tree): TreeRow[] {
  const rows: TreeRow[] = [];
  addRows(rows, tree, "", 1);
  return rows;
}

function addRows(rows: TreeRow[], tree: Tree, directory: string, depth: number): void {
  const loaded = tree.directories.get(directory);
  if (loaded === undefined) return;
  const { total, entries } = loaded;
  for (let index = 0; index < total; index += 1) {
    const entry = entries.get(index) ?? null;
    const path = entry?.kind === "directory" ? pathOf(directory, entry.name) : null;
    const isExpanded = path !== null && tree.expanded.has(path);
    rows.push({ directory, index, total, depth, entry, isExpanded });
    if (isExpanded) addRows(rows, tree, path, depth + 1);
  }
}

/** Pages that the lines from one place to another want and that were not asked for, each by its directory and offset. */
export function missingPages(
  rows: readonly TreeRow[],
  from: number,
  to: number,
): { readonly directory: string; readonly offset: number }[] {
  const pages = new Map<string, { readonly directory: string; readonly offset: number }>();
  for (const { directory, index, entry } of rows.slice(Math.max(0, from), to)) {
    if (entry !== null) continue;
    const offset = index - (index % PAGE_ENTRIES);
    pages.set(`${offset} ${directory}`, { directory, offset });
  }
  return [...pages.values()];
}

/** The tree with one more page of a directory. */
export function withPage(
  tree: Tree,
  directory: string,
  offset: number,
  page: { readonly total: number; readonly entries: readonly DirectoryEntry[] },
): Tree {
  const entries = new Map(tree.directories.get(directory)?.entries);
  for (const [index, entry] of page.entries.entries()) entries.set(offset + index, entry);
  const directories = new Map(tree.directories).set(directory, { total: page.total, entries });
  return { ...tree, directories };
}

export type TreeMove =
  | { readonly kind: "go"; readonly row: number }
  | { readonly kind: "expand" | "collapse"; readonly path: string }
  | null;

/** What an arrow key does, as trees of the ARIA practices have it. `page` is the number of lines in sight. */
export function moveFor(key: string, rows: readonly TreeRow[], at: number, page: number): TreeMove {
  const go = (row: number): TreeMove => ({ kind: "go", row: Math.max(0, Math.min(rows.length - 1, row)) });
  switch (key) {
    case "ArrowDown":
      return go(at + 1);
    case "ArrowUp":
      return go(at - 1);
    case "Home":
      return go(0);
    case "End":
      return go(rows.length - 1);
    case "PageDown":
      return go(at + page);
    case "PageUp":
      return go(at - page);
    case "ArrowRight":
      return moveInto(rows, at);
    case "ArrowLeft":
      return moveOut(rows, at);
    default:
      return null;
  }
}

function moveInto(rows: readonly TreeRow[], at: number): TreeMove {
  const row = rows[at];
  if (row?.entry?.kind !== "directory") return null;
  if (!row.isExpanded) return { kind: "expand", path: pathOf(row.directory, row.entry.name) };
  return rows[at + 1]?.depth === row.depth + 1 ? { kind: "go", row: at + 1 } : null;
}

function moveOut(rows: readonly TreeRow[], at: number): TreeMove {
  const row = rows[at];
  if (row?.entry && row.isExpanded) return { kind: "collapse", path: pathOf(row.directory, row.entry.name) };
  for (let above = at - 1; above >= 0; above -= 1) {
    if ((rows[above]?.depth ?? 0) < (row?.depth ?? 0)) return { kind: "go", row: above };
  }
  return null;
}
