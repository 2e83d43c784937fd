import path from "node:path";
import type { WorkdirInstruction } from "@slipway/dockerfile";
import { SlipwayError } from "@slipway/protocol";
import { errnoOf } from "../content/atomic-file.ts";
import { withMerged } from "../layer/merged.ts";
import { TreeWriter } from "../layer/tree-writer.ts";
import type { BuildRun } from "./build-run.ts";
import { fileStep } from "./file-step.ts";
import { workingDirectory } from "./metadata-step.ts";
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
  await fileStep(run, stage, {
    ...at,
    definition: ["workdir", directory, config.user],
    files: null,
    history: `WORKDIR ${directory}`,
    work: (active, scope) =>
      withMerged(active, path.join(scope.directory, "target"), async (root) =>
        make(root, directory, config.user),
      ),
  });
}

function make(root: string, directory: string, user: string): void {
  if (directory === "/") return;
  const owner = user === "" ? { uid: 0, gid: 0 } : resolveOwner(root, user);
  const writer = new TreeWriter(root);
  try {
    writer.ensureDirectory(directory.slice(1), { ...owner, mode: 0o755, mtimeSeconds: 0 });
    writer.close();
  } catch (error) {
    writer.abandon();
    if (errnoOf(error) !== "ENOTDIR" && errnoOf(error) !== "EEXIST") throw error;
    throw new SlipwayError(
      "dockerfile-invalid",
      `"${directory}" can't be a directory: a file is in the way.`,
      {
        params: { path: directory.slice(0, 1000) },
        cause: error,
      },
    );
  }
}
