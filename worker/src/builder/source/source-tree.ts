/** An entry of what COPY and ADD copy from: the context, another stage, or here-documents. */
export interface SourceNode {
  readonly kind: "file" | "directory" | "symlink";
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeSeconds: number;
  readonly sizeBytes: number;
  /** Where a symbolic link leads; "" for others. */
  readonly target: string;
  /** The same for all names of one file that has several; null for a file with one. */
  readonly inode: string | null;
  /** Where a file's content lies: at a place of its tree's pack, here, or (null) in a directory. */
  readonly stored: number | Uint8Array | null;
  /** Digest of a file's content. */
  digest(): Promise<string>;
  content(): AsyncIterable<Uint8Array> | Uint8Array;
}

/**
 * A tree that is only read, and that nobody changes. Paths are relative, "" is the root; nothing leaves the tree. Names
 * are text of layer/name-bytes.ts.
 */
export interface SourceTree {
  /** The entry itself; null for what is missing, and for devices, sockets and pipes. */
  lstat(path: string): SourceNode | null;
  /** The path with all links resolved inside the tree, or null when it leads nowhere. */
  resolve(path: string): string | null;
  /** Names in a directory, sorted; empty for what is no directory. */
  names(path: string): string[];
  /** The file that nodes with an offset lie in, opened for the caller, who closes it; null for a tree without. */
  openPack(): number | null;
  /** A directory of the tree, opened for the caller; null for a tree with a pack. */
  openDirectory(path: string): number | null;
}

/** Parts of a path put together; empty ones don't count. */
export const joined = (...parts: readonly string[]): string => parts.filter((part) => part !== "").join("/");

export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

export function baseOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
