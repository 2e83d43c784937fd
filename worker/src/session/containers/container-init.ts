import { access, writeFile } from "node:fs/promises";
import path from "node:path";
import { mountBind } from "@slipway/native";
import { SlipwayError } from "@slipway/protocol";
import type { ContainerMount } from "../../runtime/runtime.ts";
import { directoryOf, makeDirectory } from "./container-mounts.ts";

/** Of Debian's tini: it needs nothing of an image. */
const PROGRAM = "/usr/bin/tini-static";
/** Where Docker has it. */
const DESTINATION = "/sbin/docker-init";

/** The command line of pid 1 whose child a command is. */
export const initArgs = (args: readonly string[]): string[] => [DESTINATION, "--", ...args];

/** The init for one container, gone with its other mounts. Rejects with `runtime-failed` where this machine has none. */
export async function initMount(workerDirectory: string, id: string): Promise<ContainerMount> {
  const target = path.join(directoryOf(workerDirectory, id), "init");
  try {
    await access(PROGRAM);
    await makeDirectory(path.dirname(target));
    await writeFile(target, "", { mode: 0o644 });
    await mountBind({ source: PROGRAM, target, idRange: null, readOnly: true });
  } catch (cause) {
    throw new SlipwayError(
      "runtime-failed",
      `This worker has no init for --init: ${PROGRAM} can't be shown.`,
      {
        cause,
        params: { reason: PROGRAM },
      },
    );
  }
  return { kind: "bind", source: target, destination: DESTINATION, options: ["ro"] };
}
