import { SlipwayError } from "@slipway/protocol";
import { Batches } from "../copy/batches.ts";
import { entriesOf, type Selected } from "../copy/selection.ts";
import { UpperTree } from "../copy/upper-tree.ts";
import { breath } from "../source/breath.ts";
import { baseOf, type SourceTree } from "../source/source-tree.ts";

/** A path of a tree with all below it. */
export interface SourceFiles {
  readonly tree: SourceTree;
  /** Links resolved; "" is the root. */
  readonly path: string;
  readonly isDirectory: boolean;
  readonly entries: readonly Selected[];
}

/** What `source=` of a mount names. Rejects with `copy-source-missing`. */
export async function sourceFiles(
  tree: SourceTree,
  source: string,
  signal: AbortSignal,
): Promise<SourceFiles> {
  const resolved = tree.resolve(source);
  const node = resolved === null ? null : tree.lstat(resolved);
  if (resolved === null || !node) {
    const shown = source.slice(0, 1000);
    throw new SlipwayError("copy-source-missing", `"${shown}", which a mount names, is not there.`, {
      params: { path: shown },
    });
  }
  const entries = await entriesOf({ tree, base: resolved, include: null, exclude: null }, signal);
  return { tree, path: resolved, isDirectory: node.kind === "directory", entries };
}

/** What the files' contents depend on, by path. */
export async function digestsOf(files: SourceFiles, signal: AbortSignal): Promise<Map<string, string>> {
  const digests = new Map<string, string>();
  const pause = breath(signal);
  for (const { source, node } of files.entries) {
    await pause();
    const content = node.kind === "file" ? await node.digest() : node.target;
    digests.set(source, `${node.kind} ${node.mode.toString(8)} ${node.uid}:${node.gid} ${content}`);
  }
  return digests;
}

/**
 * Writes the files into an empty directory of this machine, with the ids that they have in the tree, and gives the name of the
 * single file there; null for a directory, whose content is written.
 */
export async function writeFiles(
  files: SourceFiles,
  directory: string,
  signal: AbortSignal,
): Promise<string | null> {
  const upper = new UpperTree(directory, null);
  const pause = breath(signal);
  const name = files.isDirectory ? null : baseOf(files.path) || "file";
  try {
    const batches = new Batches(files.tree, upper, signal);
    try {
      for (const { path, source, node } of files.entries) {
        await pause();
        const place = name ?? path;
        const { mode, uid, gid, mtimeSeconds } = node;
        if (node.kind === "directory") upper.directory(place, { mode, uid, gid, mtimeSeconds });
        else await batches.add(place, source, node, { mode, uid, gid, mtimeSeconds });
      }
      await batches.finish();
    } finally {
      await batches.close();
    }
  } catch (error) {
    upper.abandon();
    throw error;
  }
  upper.close();
  return name;
}
