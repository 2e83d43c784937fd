import path from "node:path";
import { type CopyInstruction, IgnoreFile, type IgnoreRule } from "@slipway/dockerfile";
import { SlipwayError } from "@slipway/protocol";
import { digestOf } from "../../content/digest.ts";
import { breath } from "../source/breath.ts";
import { baseOf, type SourceTree } from "../source/source-tree.ts";
import type { CopyItem, CopySource } from "./copy-source.ts";
import {
  entriesOf,
  findSources,
  hasWildcards,
  matchesOf,
  type Selected,
  type Selection,
} from "./selection.ts";

/** Link targets up to this length stand for themselves in a key. */
const SHORT_TARGET_CHARACTERS = 100;

export interface LocalCopy {
  readonly instruction: Pick<CopyInstruction, "kind" | "from" | "parents" | "unpack">;
  readonly tree: SourceTree;
  readonly exclude: readonly string[];
  /** The line of `.dockerignore` that leaves it out, or null. */
  readonly ignoredBy: (path: string) => IgnoreRule | null;
  readonly signal: AbortSignal;
}

/** What a path or a pattern of COPY names in the context, a stage or an image. Rejects with `copy-source-…`. */
export async function localSources(copy: LocalCopy, source: string): Promise<CopySource[]> {
  const { instruction, tree } = copy;
  checkInside(instruction, source);
  const exclude = copy.exclude.length === 0 ? null : new IgnoreFile(copy.exclude);
  if (instruction.parents) return [await withParents(copy, source, exclude)];
  const found = findSources(tree, source);
  if (found.length === 0 && !hasWildcards(source)) throw missing(copy, source);
  const unpack = instruction.unpack ?? instruction.kind === "add";
  const sources: CopySource[] = [];
  for (const { path: written, resolved } of found) {
    const isDirectory = tree.lstat(resolved)?.kind === "directory";
    const name = baseOf(written);
    // A file that is named itself, or by a wildcard, can be excluded by its name.
    if (!isDirectory && exclude?.ignores(name)) continue;
    const entries = await entriesOf({ tree, base: resolved, include: null, exclude }, copy.signal);
    sources.push(await sourceOf(copy, { tree, name, isDirectory, entries, unpack }));
  }
  return sources;
}

/** `--parents`: what lies behind the pivot `/./` is kept of a path, without one all of it. */
async function withParents(copy: LocalCopy, source: string, exclude: IgnoreFile | null): Promise<CopySource> {
  const { tree } = copy;
  const pivot = source.indexOf("/./");
  const start = pivot < 0 ? "" : source.slice(0, pivot);
  const pattern = path.posix.normalize(`/${pivot < 0 ? source : source.slice(pivot + 3)}`).slice(1);
  const parts = pattern.split("/").filter((part) => part !== "");
  const bases = findSources(tree, start).map(({ resolved }) => resolved);
  const entries: Selected[] = [];
  for (const base of bases) {
    const include = parts.length === 0 ? null : matchesOf(tree, base, parts, "ignore");
    const selection: Selection = { tree, base, include, exclude };
    entries.push(...(await entriesOf(selection, copy.signal)));
    if (include?.length === 0 && !hasWildcards(source)) throw missing(copy, source);
  }
  if (bases.length === 0 && !hasWildcards(source)) throw missing(copy, source);
  return await sourceOf(copy, { tree, name: "", isDirectory: true, entries, unpack: false });
}

async function sourceOf({ instruction, signal }: LocalCopy, item: CopyItem): Promise<CopySource> {
  const files = await filesOf(item.entries, instruction.from !== null, signal);
  return { files, open: async () => item };
}

/** Owners count only where they are kept. */
async function filesOf(
  entries: readonly Selected[],
  withOwners: boolean,
  signal: AbortSignal,
): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const pause = breath(signal);
  for (const { source, node } of entries) {
    await pause();
    const owner = withOwners ? `${node.uid}:${node.gid} ` : "";
    const content = node.kind === "file" ? await node.digest() : short(node.target);
    files.set(source, `${node.kind} ${node.mode.toString(8)} ${owner}${content}`);
  }
  return files;
}

const short = (target: string): string =>
  target.length <= SHORT_TARGET_CHARACTERS ? target : digestOf(target);

function checkInside({ from }: Pick<CopyInstruction, "from">, source: string): void {
  if (from !== null) return;
  const normal = path.posix.normalize(source.replace(/^\/+/, ""));
  if (normal !== ".." && !normal.startsWith("../")) return;
  throw new SlipwayError(
    "copy-source-outside",
    `"${source.slice(0, 1000)}" is outside of the build context.`,
    {
      params: { path: source.slice(0, 1000) },
    },
  );
}

function missing({ instruction: { from }, ignoredBy }: LocalCopy, source: string): SlipwayError {
  const shown = source.slice(0, 1000);
  const name = path.posix.normalize(`/${source}`).replace(/^\/|\/$/g, "");
  const rule = from === null ? ignoredBy(name) : null;
  const where = from === null ? "in the build context" : `in ${from}`;
  const hint = rule ? ": .dockerignore leaves it out" : "";
  return new SlipwayError("copy-source-missing", `"${shown}" is not ${where}${hint}.`, {
    params: {
      path: shown,
      ...(rule && { reason: "ignored", rule: rule.pattern.slice(0, 1000), line: rule.line }),
    },
  });
}
