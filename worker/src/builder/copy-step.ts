import path from "node:path";
import { type CopyInstruction, expandText, hereDocumentText } from "@slipway/dockerfile";
import { openLayers } from "@slipway/native";
import { SlipwayError } from "@slipway/protocol";
import type { BuildRun } from "./build-run.ts";
import { parseChmod } from "./copy/chmod.ts";
import type { CopyItem, CopySource } from "./copy/copy-source.ts";
import { inlineSource } from "./copy/inline-source.ts";
import { localSources } from "./copy/local-source.ts";
import { hasWildcards } from "./copy/selection.ts";
import { writeCopies } from "./copy-writer.ts";
import { fileStep } from "./file-step.ts";
import { copyText } from "./history.ts";
import { remoteSource } from "./remote/remote-source.ts";
import { RootfsTree } from "./source/rootfs-tree.ts";
import type { SourceTree } from "./source/source-tree.ts";
import type { Stage } from "./stage.ts";

/** COPY and ADD. The key holds the digests of all that is copied, so an unchanged file keeps the step cached. */
export async function copyStep(
  run: BuildRun,
  stage: Stage,
  at: { readonly step: number; readonly index: number },
  instruction: CopyInstruction,
): Promise<void> {
  const expand = (text: string) => run.expand(stage, text);
  const written = instruction.sources.map(expand);
  const exclude = instruction.exclude.map(expand);
  const destination = expand(instruction.destination);
  const chown = instruction.chown === null ? null : expand(instruction.chown);
  const chmod = instruction.chmod === null ? null : expand(instruction.chmod);
  const change = chmod === null ? null : parseChmod(chmod);
  const sources = await sourcesOf(run, stage, instruction, written, exclude);
  const names = [...written, ...instruction.inline.map(({ name }) => `<<${name}`)];
  const { kind, from, parents, unpack } = instruction;
  // As in BuildKit, whose copy with a changed mode is never a link.
  const link = instruction.link && chmod === null;
  const target = {
    path: path.posix.resolve(stage.config.workingDir || "/", destination).slice(1),
    isDirectory: isDirectory(instruction, names, destination, sources.length),
    chown,
    link,
  };
  const files = new Map(sources.flatMap((source) => [...source.files]));
  await fileStep(run, stage, {
    ...at,
    definition: [kind, from !== null, names, target, chmod, parents, exclude, unpack, instruction.keepGitDir],
    files,
    isPrivate: sources.some((source) => source.isPrivate === true),
    history: copyText(instruction, names, destination),
    work: async (active, scope) => {
      const items: CopyItem[] = [];
      await scope.space.writing(async () => {
        for (const source of sources) items.push(await source.open(scope));
      });
      await writeCopies(active, items, { ...target, chmod: change }, scope);
    },
  });
}

async function sourcesOf(
  run: BuildRun,
  stage: Stage,
  instruction: CopyInstruction,
  written: readonly string[],
  exclude: readonly string[],
): Promise<CopySource[]> {
  const { context, signal } = run.job;
  const checksum = instruction.checksum === null ? null : run.expand(stage, instruction.checksum);
  let tree: SourceTree | null = null;
  const sources: CopySource[] = [];
  for (const source of written) {
    const remote = await remoteSource(run, { ...instruction, checksum }, source);
    if (remote) {
      sources.push(remote);
      continue;
    }
    if (checksum !== null) throw checksumOfLocal(source);
    tree ??= await treeOf(run, instruction);
    const copy = {
      instruction,
      tree,
      exclude,
      signal,
      ignoredBy: (name: string) => context.ignoredBy(name),
    };
    sources.push(...(await localSources(copy, source)));
  }
  for (const document of instruction.inline) {
    const text = hereDocumentText(document);
    const expanded = document.expand ? run.expanding(text, () => expandText(text, stage.variables)) : text;
    sources.push(inlineSource(document.name, expanded));
  }
  return sources;
}

async function treeOf(run: BuildRun, { from }: CopyInstruction): Promise<SourceTree> {
  if (from === null) return run.job.context;
  const layers = await run.filesOf(from);
  const tree = new RootfsTree(openLayers(layers), { name: layers[0] ?? null });
  run.own(() => tree.close());
  return tree;
}

function isDirectory(
  { kind, parents }: CopyInstruction,
  names: readonly string[],
  destination: string,
  count: number,
): boolean {
  if (destination.endsWith("/") || destination === "." || destination.endsWith("/.")) return true;
  if (parents) return true;
  if (names.length <= 1 && (count <= 1 || !hasWildcards(names[0] ?? ""))) return false;
  throw new SlipwayError(
    "dockerfile-invalid",
    `${kind.toUpperCase()} with more than one source needs a destination that ends with /.`,
    { params: { destination: destination.slice(0, 1000) } },
  );
}

function checksumOfLocal(source: string): SlipwayError {
  return new SlipwayError("dockerfile-invalid", "--checksum is for a URL or a repository.", {
    params: { source: source.slice(0, 1000) },
  });
}
