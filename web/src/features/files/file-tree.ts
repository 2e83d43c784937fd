/** One line of the tree. */
export interface TreeRow {
  readonly path: string;
  readonly name: string;
  readonly depth: number;
  readonly isFolder: boolean;
}

interface Listed {
  readonly path: string;
  readonly isFolder: boolean;
}

const cut = (path: string): number => path.lastIndexOf("/") + 1;

/** The folder that a path is in; empty for the outermost. */
export const folderOf = (path: string): string => path.slice(0, Math.max(0, cut(path) - 1));
export const nameOf = (path: string): string => path.slice(cut(path));
export const inFolder = (folder: string, name: string): string =>
  folder === "" ? name : `${folder}/${name}`;

/** The folders on the way to a path. */
export function foldersTo(path: string): string[] {
  const names = path.split("/").slice(0, -1);
  return names.map((_, index) => names.slice(0, index + 1).join("/"));
}

/** The lines that show: what is in a folder only where the folder is open. Folders come before files. */
export function visibleRows(files: readonly Listed[], open: ReadonlySet<string>): TreeRow[] {
  const children = new Map<string, Listed[]>();
  for (const file of files) {
    const folder = folderOf(file.path);
    const beside = children.get(folder);
    if (beside) beside.push(file);
    else children.set(folder, [file]);
  }
  const rows: TreeRow[] = [];
  const walk = (folder: string, depth: number) => {
    for (const { path, isFolder } of (children.get(folder) ?? []).sort(inOrder)) {
      rows.push({ path, name: nameOf(path), depth, isFolder });
      if (isFolder && open.has(path)) walk(path, depth + 1);
    }
  };
  walk("", 0);
  return rows;
}

const inOrder = (a: Listed, b: Listed): number =>
  a.isFolder === b.isFolder ? (a.path < b.path ? -1 : 1) : a.isFolder ? -1 : 1;

/** Where something lies that is moved into a folder; null when that changes nothing or can't be. */
export function movedTo(path: string, folder: string): string | null {
  const to = inFolder(folder, nameOf(path));
  return to === path || folder === path || folder.startsWith(`${path}/`) ? null : to;
}
