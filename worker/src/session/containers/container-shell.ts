import { SlipwayError } from "@slipway/protocol";
import type { Container, ProcessSpec } from "../../runtime/runtime.ts";
import { findExecutable } from "../../runtime/user.ts";
import { SHELLS } from "../command.ts";
import type { SessionParts } from "../parts.ts";
import type { HostGround } from "../session-host.ts";
import { conflict } from "./conflict.ts";
import { filesOf } from "./container-ground.ts";
import { lowersOf } from "./container-start.ts";
import type { SessionContainer } from "./session-container.ts";

/** What a terminal expects beside the environment of the container (command.ts). */
const TERMINAL_ENV = { TERM: "xterm-256color", LANG: "C.UTF-8" };

/**
 * The process of a terminal that is opened in a container which docker made.
 * @throws container-conflict when it does not run, command-not-found when it has no shell
 */
export async function shellIn(
  parts: SessionParts,
  host: Pick<HostGround, "disk">,
  { id, name, record, running, state }: SessionContainer,
): Promise<{ readonly container: Container; readonly process: ProcessSpec }> {
  if (running === null || state.status !== "running") throw conflict(`Container ${name} is not running`);
  const shell = await findExecutable(
    [filesOf(host.disk, id).upper, ...(await lowersOf(parts, record.order))],
    SHELLS,
  );
  if (shell === null) {
    throw new SlipwayError("command-not-found", "The container holds no shell.", {
      params: { command: "/bin/sh" },
    });
  }
  const { container, spec } = running;
  const added = Object.entries(TERMINAL_ENV).flatMap(([key, value]) =>
    spec.env.some((entry) => entry.startsWith(`${key}=`)) ? [] : [`${key}=${value}`],
  );
  return { container, process: { ...spec, args: [shell], env: [...spec.env, ...added] } };
}
