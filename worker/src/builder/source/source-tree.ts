import { compileGlob } from "@slipway/dockerfile";

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
  /** Digest of a file's content. */
  digest(): Promise<string>;
  content(): AsyncIterable<Uint8Array> | Uint8Array;
}

/** A tree that is only read, and that nobody changes. Paths are relative, "" is the root; nothing leaves the tree. */
export interface SourceTree {
  /** The entry itself. */
  lstat(path: string): SourceNode | null;
  /** The path with all links resolved inside the tree, or null when it leads nowhere. */
  resolve(path: string): string | null;
  /** Names in a directory, sorted; empty for what is no directory. */
  names(path: string): string[];
}

export interface Found {
  /** As the person meant it: its last part names the copy. */
  readonly path: string;
  /** Links resolved. */
  readonly resolved: string;
}

/** Paths of a tree that a source of COPY names, wildcards as in Go's filepath.Match. */
export function findSources(tree: SourceTree, pattern: string): Found[] {
  const parts = pattern.split("/").filter((part) => part !== "" && part !== ".");
  let paths = [""];
  for (const part of parts) {
    const glob = compileGlob(part, "path");
    paths = paths.flatMap((path) => {
      const prefix = path === "" ? "" : `${path}/`;
      if (!glob.hasWildcards) return [`${prefix}${part.replaceAll(/\\(.)/g, "$1")}`];
      return tree
        .names(tree.resolve(path) ?? "")
        .flatMap((name) => (glob.matches(name) ? [prefix + name] : []));
    });
  }
  return paths.flatMap((path) => {
    const resolved = tree.resolve(path);
    return resolved === null ? [] : [{ path, resolved }];
  });
}

export interface Walked {
  /** Relative to the start of the walk; "" for the start itself. */
  readonly path: string;
  readonly node: SourceNode;
}

/** An entry and all below it, parents first; links are entries, and not followed. */
export function* walkSource(tree: SourceTree, start: string): Generator<Walked> {
  const stack = [""];
  for (let path = stack.pop(); path !== undefined; path = stack.pop()) {
    const full = [start, path].filter((part) => part !== "").join("/");
    const node = tree.lstat(full);
    if (!node) continue;
    yield { path, node };
    if (node.kind !== "directory") continue;
    for (const name of tree.names(full).reverse()) stack.push(path === "" ? name : `${path}/${name}`);
  }
}
