/** A file that is about to be uploaded. */
export interface Collected {
  /** Below the folder that it is uploaded to. */
  readonly path: string;
  /** Null for an empty folder. */
  readonly file: File | null;
}

/** Folders in folders that are followed. */
const DEEPEST = 32;

/** Files of an input; those of a folder bring their path. */
export const collectInput = (files: FileList): Collected[] =>
  [...files].map((file) => ({ path: file.webkitRelativePath || file.name, file }));

/** Takes hold of what was dropped. It must be called before the event is over, and read later. */
export function collectDrop({ items, files }: DataTransfer): () => Promise<Collected[]> {
  const entries = [...items]
    .map((item) => item.webkitGetAsEntry?.() ?? null)
    .filter((entry) => entry !== null);
  const plain = [...files];
  if (entries.length === 0) return async () => plain.map((file) => ({ path: file.name, file }));
  return async () => (await Promise.all(entries.map((entry) => walk(entry, 0)))).flat();
}

async function walk(entry: FileSystemEntry, depth: number): Promise<Collected[]> {
  const path = entry.fullPath.replace(/^\//, "");
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    );
    return [{ path, file }];
  }
  const children = depth < DEEPEST ? await childrenOf(entry as FileSystemDirectoryEntry) : [];
  if (children.length === 0) return [{ path, file: null }];
  return (await Promise.all(children.map((child) => walk(child, depth + 1)))).flat();
}

/** A browser gives the entries of a folder in portions, and an empty one at the end. */
async function childrenOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return all;
    all.push(...some);
  }
}
