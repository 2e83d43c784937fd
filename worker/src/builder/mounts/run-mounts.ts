import { MountError, type MountFlag, type RunMount, readMount } from "@slipway/dockerfile";
import { openLayers } from "@slipway/native";
import { SlipwayError } from "@slipway/protocol";
import { digestOf } from "../../content/digest.ts";
import type { BuildRun } from "../build-run.ts";
import { RootfsTree } from "../source/rootfs-tree.ts";
import type { SourceTree } from "../source/source-tree.ts";
import type { Stage } from "../stage.ts";
import { digestsOf, type SourceFiles, sourceFiles } from "./source-files.ts";

/** A mount of a RUN, as far as it is known before the step runs. */
export interface PlannedMount {
  readonly mount: RunMount;
  /** Absolute path in the container; "" for a secret that is a variable only. */
  readonly target: string;
  /** What it shows, or is filled with; null for what starts empty. */
  readonly files: SourceFiles | null;
  /** Directories of an overlay, the topmost first, that the files lie in; null for the context. */
  readonly layers: readonly string[] | null;
  /** Stands for the content of `files`. */
  readonly seed: string;
}

export interface PlannedMounts {
  readonly mounts: readonly PlannedMount[];
  /** What the step's result depends on beside the files. */
  readonly definition: readonly unknown[];
  /** True for what may hold something that only this playground may see, or that only it could have put there. */
  readonly isPrivate: boolean;
  readonly files: ReadonlyMap<string, string>;
}

/** Reads the mounts of a RUN and what they show. Rejects with `dockerfile-invalid` and `copy-source-missing`. */
export async function planMounts(
  run: BuildRun,
  stage: Stage,
  flags: readonly MountFlag[],
  cwd: string,
): Promise<PlannedMounts> {
  const mounts: PlannedMount[] = [];
  const files = new Map<string, string>();
  for (const [index, flag] of flags.entries()) {
    const mount = readFlag(run, stage, flag);
    const planned = await plan(run, mount, cwd);
    mounts.push(planned.mount);
    for (const [path, digest] of planned.digests) {
      // A file of the context keeps its name, so that a page can say which one changed.
      const name = mount.from === null && mount.type === "bind" ? path : `${index}:${path}`;
      files.set(name, digest);
    }
  }
  const isPrivate = mounts.some(
    ({ mount: { type } }) => type === "cache" || type === "secret" || type === "ssh",
  );
  const definition = mounts.map(({ mount, target }) => ({ ...mount, target }));
  return { mounts, definition, isPrivate, files };
}

function readFlag(run: BuildRun, stage: Stage, flag: MountFlag): RunMount {
  try {
    return readMount(flag, (text) => run.expand(stage, text));
  } catch (error) {
    if (!(error instanceof MountError)) throw error;
    throw invalid(error.message, flag.text);
  }
}

async function plan(
  run: BuildRun,
  mount: RunMount,
  cwd: string,
): Promise<{ mount: PlannedMount; digests: ReadonlyMap<string, string> }> {
  const target = targetOf(mount, cwd);
  if (target === "/") throw invalid("A mount can't take the place of the whole file system.", mount.target);
  const nothing = { mount, target, files: null, layers: null, seed: "" };
  const hasFiles = mount.type === "bind" || (mount.type === "cache" && mount.from !== null);
  if (!hasFiles) return { mount: nothing, digests: new Map() };
  const { signal } = run.job;
  const layers = mount.from === null ? null : await run.filesOf(mount.from);
  const files = await sourceFiles(
    layers === null ? run.job.context : treeOf(run, layers),
    mount.source,
    signal,
  );
  const digests = await digestsOf(files, signal);
  const seed = digestOf(JSON.stringify([...digests]));
  // A cache that is there already does not change when what it was filled with does.
  return {
    mount: { mount, target, files, layers, seed },
    digests: mount.type === "bind" ? digests : new Map(),
  };
}

function treeOf(run: BuildRun, layers: readonly string[]): SourceTree {
  const tree = new RootfsTree(openLayers(layers), { name: layers[0] ?? null });
  run.own(() => tree.close());
  return tree;
}

function targetOf({ type, target }: RunMount, cwd: string): string {
  // Other mounts without a target are at the working directory.
  if (target === "" && (type === "secret" || type === "ssh")) return "";
  const parts: string[] = [];
  for (const part of (target.startsWith("/") ? target : `${cwd}/${target}`).split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}

function invalid(message: string, text: string): SlipwayError {
  return new SlipwayError("dockerfile-invalid", message, { params: { mount: text.slice(0, 500) } });
}
