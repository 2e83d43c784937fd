import { closeSync } from "node:fs";
import type { WorkdirInstruction } from "@slipway/dockerfile";
import { openLayers } from "@slipway/native";
import { SlipwayError } from "@slipway/protocol";
import { errnoOf } from "../content/atomic-file.ts";
import type { ActiveSnapshot } from "../snapshot/snapshotter.ts";
import type { BuildRun } from "./build-run.ts";
import { InTheWay, UpperTree } from "./copy/upper-tree.ts";
import { fileStep } from "./file-step.ts";
import { recordMetadata, workingDirectory } from "./metadata-step.ts";
import { resolveOwner } from "./owner.ts";
import type { Stage } from "./stage.ts";

/** Sets the working directory and makes it, for the user of the image, where it is missing. */
export async function workdirStep(
  run: BuildRun,
  stage: Stage,
  at: { readonly step: number; readonly index: number },
  instruction: WorkdirInstruction,
): Promise<void> {
  const { config } = stage;
  const directory = workingDirectory(config.workingDir, run.expand(stage, instruction.path));
  config.workingDir = directory;
  // The root is always there: as in BuildKit, this is no step that works on files.
  if (directory === "/")
    return recordMetadata(run, stage, at, { definition: "workdir /", text: "WORKDIR /" });
  const { user } = config;
  await fileStep(run, stage, {
    ...at,
    definition: ["workdir", directory, user],
    files: null,
    history: `WORKDIR ${directory}`,
    work: async (active) => make(active, directory, user),
  });
}

function make(active: ActiveSnapshot, directory: string, user: string): void {
  const base = active.lowers.length === 0 ? null : openLayers(active.lowers);
  try {
    const owner = user === "" ? { uid: 0, gid: 0 } : resolveOwner(base, user);
    const upper = new UpperTree(active.upper, base);
    try {
      const place = upper.resolve(directory.slice(1));
      // One that is there already makes an empty layer.
      if (upper.kindOf(place) !== "directory")
        upper.ensure(place, { ...owner, mode: 0o755, mtimeSeconds: null });
    } catch (error) {
      upper.abandon();
      throw error;
    }
    upper.close();
  } catch (error) {
    if (!(error instanceof InTheWay) && errnoOf(error) !== "ENAMETOOLONG") throw error;
    throw new SlipwayError(
      "dockerfile-invalid",
      `"${directory}" can't be a directory: a file is in the way.`,
      { params: { path: directory.slice(0, 1000) }, cause: error },
    );
  } finally {
    if (base !== null) closeSync(base);
  }
}
