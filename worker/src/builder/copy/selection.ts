import { compileGlob, type IgnoreFile } from "@slipway/dockerfile";
import { breath } from "../source/breath.ts";
import { joined, parentOf, type SourceNode, type SourceTree } from "../source/source-tree.ts";

export interface Found {
  /** As the person meant it: its last part names the copy. */
  readonly path: string;
  /** Links resolved. */
  readonly resolved: string;
}

/**
 * Paths of a tree that a source of COPY names. Links are followed up to the first wildcard and at the very end; wildcards
 * are those of Go's filepath.Match, and look into no linked directory (fsutil, copy.ResolveWildcards).
 */
export function findSources(tree: SourceTree, pattern: string): Found[] {
  const parts = pattern.split("/").filter((part) => part !== "" && part !== ".");
  const first = parts.findIndex((part) => compileGlob(part, "path").hasWildcards);
  if (first < 0) return foundAt(tree, parts.map(unescaped).join("/"));
  const prefix = parts.slice(0, first).map(unescaped).join("/");
  const start = tree.resolve(prefix);
  if (start === null) return [];
  const matches = matchesOf(tree, start, parts.slice(first), "path");
  return matches.flatMap((match) =>
    foundAt(tree, joined(start, match)).map(({ resolved }) => ({ path: joined(prefix, match), resolved })),
  );
}

function foundAt(tree: SourceTree, path: string): Found[] {
  const resolved = tree.resolve(path);
  return resolved === null ? [] : [{ path, resolved }];
}

const unescaped = (part: string): string => part.replaceAll(/\\(.)/g, "$1");

export const hasWildcards = (text: string): boolean => compileGlob(text, "path").hasWildcards;

/**
 * Paths below `start` that match a pattern, given in its parts; links are entries. Nothing below a match is looked at. In
 * the dialect `ignore` a part `**` is any number of directories.
 */
export function matchesOf(
  tree: SourceTree,
  start: string,
  parts: readonly string[],
  dialect: "path" | "ignore",
): string[] {
  const [part, ...rest] = parts;
  if (part === undefined) return [""];
  if (dialect === "ignore" && part.includes("**")) return matchesAnywhere(tree, start, parts.join("/"));
  const glob = compileGlob(part, dialect);
  const literal = unescaped(part);
  const names = glob.hasWildcards
    ? tree.names(start).filter((name) => glob.matches(name))
    : tree.lstat(joined(start, literal))
      ? [literal]
      : [];
  if (rest.length === 0) return names;
  return names.flatMap((name) =>
    tree.lstat(joined(start, name))?.kind === "directory"
      ? matchesOf(tree, joined(start, name), rest, dialect).map((below) => joined(name, below))
      : [],
  );
}

function matchesAnywhere(tree: SourceTree, start: string, pattern: string): string[] {
  const glob = compileGlob(pattern, "ignore");
  const found: string[] = [];
  const stack = tree.names(start).reverse();
  for (let path = stack.pop(); path !== undefined; path = stack.pop()) {
    if (glob.matches(path)) found.push(path);
    else if (tree.lstat(joined(start, path))?.kind === "directory")
      stack.push(
        ...tree
          .names(joined(start, path))
          .reverse()
          .map((name) => `${path}/${name}`),
      );
  }
  return found;
}

/** One entry that is copied. */
export interface Selected {
  /** Relative to where the copy goes; "" for a single file. */
  readonly path: string;
  /** Relative to the root of the tree. */
  readonly source: string;
  readonly node: SourceNode;
  /** A directory that is there already takes this one's metadata; one that only lies on the way keeps its own. */
  readonly overwrites: boolean;
}

export interface Selection {
  readonly tree: SourceTree;
  /** Path in the tree that `path` of the entries is relative to, links resolved. */
  readonly base: string;
  /** Of a directory the content is copied. Paths that `include` names, with the directories that they lie in; null: all. */
  readonly include: readonly string[] | null;
  /** Patterns of `.dockerignore`'s kind, for paths relative to `base`. */
  readonly exclude: IgnoreFile | null;
}

/** All entries of a selection, parents first. Yields to others while it works. */
export async function entriesOf(selection: Selection, signal: AbortSignal): Promise<Selected[]> {
  const { tree, base, include } = selection;
  const node = tree.lstat(base);
  if (!node) return [];
  if (node.kind !== "directory") return [{ path: "", source: base, node, overwrites: true }];
  const walk = new Walk(selection, signal);
  if (include === null) await walk.below("");
  for (const path of include ?? []) await walk.subtree(path);
  return walk.entries;
}

class Walk {
  readonly entries: Selected[] = [];
  readonly #selection: Selection;
  readonly #pause: () => Promise<void> | undefined;
  /** Directories that are among the entries. */
  readonly #directories = new Set<string>([""]);

  constructor(selection: Selection, signal: AbortSignal) {
    this.#selection = selection;
    this.#pause = breath(signal);
  }

  async below(path: string): Promise<void> {
    const { tree, base } = this.#selection;
    const names = (directory: string) =>
      tree
        .names(joined(base, directory))
        .reverse()
        .map((name) => joined(directory, name));
    const stack = names(path);
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      await this.#pause();
      const node = tree.lstat(joined(base, next));
      if (!node || !this.#take(next, node) || node.kind !== "directory") continue;
      for (const name of names(next)) stack.push(name);
    }
  }

  /** An entry, all below it, and the directories on the way to it. */
  async subtree(path: string): Promise<void> {
    const { tree, base } = this.#selection;
    const node = tree.lstat(joined(base, path));
    if (node && this.#take(path, node) && node.kind === "directory") await this.below(path);
  }

  /** False when nothing below it needs to be looked at. */
  #take(path: string, node: SourceNode): boolean {
    const { exclude, base } = this.#selection;
    if (exclude?.ignores(path)) return exclude.hasExceptions;
    this.#parents(parentOf(path));
    this.entries.push({ path, source: joined(base, path), node, overwrites: true });
    if (node.kind === "directory") this.#directories.add(path);
    return true;
  }

  /** Directories that were not named themselves, but hold something that was. */
  #parents(path: string): void {
    if (this.#directories.has(path)) return;
    this.#parents(parentOf(path));
    this.#directories.add(path);
    const { tree, base } = this.#selection;
    const source = joined(base, path);
    const node = tree.lstat(source);
    if (node) this.entries.push({ path, source, node, overwrites: false });
  }
}
