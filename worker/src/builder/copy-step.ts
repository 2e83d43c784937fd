import path from "node:path";
import { type CopyInstruction, expandText, hereDocumentText } from "@slipway/dockerfile";
import { openLayers } from "@slipway/native";
import { SlipwayError } from "@slipway/protocol";
import { digestOf } from "../content/digest.ts";
import { withMerged } from "../layer/merged.ts";
import type { BuildRun } from "./build-run.ts";
import { type CopyItem, type CopyTarget, writeCopies } from "./copy-writer.ts";
import { fileStep } from "./file-step.ts";
import { copyText } from "./history.ts";
import { ContextTree } from "./source/context-tree.ts";
import { RootfsTree } from "./source/rootfs-tree.ts";
import { findSources, type SourceTree, walkSource } from "./source/source-tree.ts";
import { type Stage, variablesOf } from "./stage.ts";

/** COPY and ADD. The key holds the digests of all that is copied, so an unchanged file keeps the step cached. */
export async function copyStep(
  run: BuildRun,
  stage: Stage,
  at: { readonly step: number; readonly index: number },
  instruction: CopyInstruction,
): Promise<void> {
  const tree = await sourceOf(run, instruction);
  const sources = instruction.sources.map((source) => run.expand(stage, source));
  const destination = run.expand(stage, instruction.destination);
  const items = [...inlineItems(run, stage, instruction), ...itemsOf(run, instruction, tree, sources)];
  const target: CopyTarget = {
    path: destinationPath(stage.config.workingDir, destination),
    isDirectory: isDirectory(instruction, sources, destination, items),
    chown: instruction.chown === null ? null : run.expand(stage, instruction.chown),
    mode: instruction.chmod === null ? null : Number.parseInt(instruction.chmod, 8),
    unpack: instruction.kind === "add",
  };
  const names = [...instruction.inline.map(({ name }) => `<<${name}`), ...sources];
  await fileStep(run, stage, {
    ...at,
    definition: [instruction.kind, instruction.from !== null, names, target],
    files: await digestsOf(items, instruction.from !== null),
    history: copyText(instruction, names, destination),
    work: (active, { directory, signal }) =>
      withMerged(active, path.join(directory, "target"), (root) => writeCopies(root, items, target, signal)),
  });
}

async function sourceOf(run: BuildRun, { from }: CopyInstruction): Promise<SourceTree> {
  if (from === null) return run.job.context;
  const tree = new RootfsTree(openLayers(await run.filesOf(from)));
  run.own(() => tree.close());
  return tree;
}

function inlineItems(run: BuildRun, stage: Stage, { inline }: CopyInstruction): CopyItem[] {
  const tree = new ContextTree();
  for (const document of inline) {
    const text = hereDocumentText(document);
    const expanded = document.expand
      ? run.expanding(text, () => expandText(text, variablesOf(stage), run.job.escape))
      : text;
    tree.addFile(document.name, Buffer.from(expanded));
  }
  return inline.map(({ name }) => ({ tree, resolved: name, name, isDirectory: false }));
}

function itemsOf(
  run: BuildRun,
  instruction: CopyInstruction,
  tree: SourceTree,
  sources: readonly string[],
): CopyItem[] {
  return sources.flatMap((source) => {
    checkSource(instruction, source);
    const found = findSources(tree, source);
    if (found.length === 0 && !/[*?[]/.test(source)) throw missing(run, instruction, source);
    return found.map(({ path: name, resolved }) => ({
      tree,
      resolved,
      name: path.posix.basename(name),
      isDirectory: tree.lstat(resolved)?.kind === "directory",
    }));
  });
}

function checkSource(instruction: CopyInstruction, source: string): void {
  if (instruction.kind === "add" && /^(https?:\/\/|git@|git:\/\/|ssh:\/\/)/.test(source)) {
    throw new SlipwayError("instruction-unsupported", "ADD of URLs is not supported here yet.", {
      params: { instruction: "ADD" },
    });
  }
  if (instruction.from !== null) return;
  const normal = path.posix.normalize(source.replace(/^\/+/, ""));
  if (normal === ".." || normal.startsWith("../")) {
    throw new SlipwayError("copy-source-outside", `"${source}" is outside of the build context.`, {
      params: { path: source.slice(0, 1000) },
    });
  }
}

function missing(run: BuildRun, { from }: CopyInstruction, source: string): SlipwayError {
  const shown = source.slice(0, 1000);
  const ignored =
    from === null && run.job.context.wasIgnored(path.posix.normalize(shown).replace(/^\/|\/$/g, ""));
  const where = from === null ? "in the build context" : `in ${from}`;
  const hint = ignored ? ": .dockerignore leaves it out" : "";
  return new SlipwayError("copy-source-missing", `"${shown}" is not ${where}${hint}.`, {
    params: { path: shown },
  });
}

function destinationPath(workingDir: string, destination: string): string {
  return path.posix.resolve(workingDir || "/", destination).slice(1);
}

function isDirectory(
  instruction: CopyInstruction,
  sources: readonly string[],
  destination: string,
  items: readonly CopyItem[],
): boolean {
  if (destination.endsWith("/") || destination === "." || destination.endsWith("/.")) return true;
  if (sources.length + instruction.inline.length > 1 || items.length > 1) {
    throw new SlipwayError(
      "dockerfile-invalid",
      `${instruction.kind.toUpperCase()} with more than one source needs a destination that ends with /.`,
      { params: { destination: destination.slice(0, 1000) } },
    );
  }
  return false;
}

/** Digests of all that is copied: kind, mode, content or target; owners only where they are kept. */
async function digestsOf(items: readonly CopyItem[], withOwners: boolean): Promise<Map<string, string>> {
  const digests = new Map<string, string>();
  for (const { tree, resolved, name } of items) {
    for (const { path: below, node } of walkSource(tree, resolved)) {
      const content = node.kind === "file" ? await node.digest() : node.target;
      const owner = withOwners ? `${node.uid}:${node.gid}` : "";
      const key = [resolved || name, below].filter((part) => part !== "").join("/");
      digests.set(key, digestOf(`${node.kind} ${node.mode.toString(8)} ${owner} ${content}`));
    }
  }
  return digests;
}
