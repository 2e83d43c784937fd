import { mkdir } from "node:fs/promises";
import path from "node:path";
import { type LaunchRequest, type SessionTerminal, SlipwayError } from "@slipway/protocol";
import type { Image } from "../image-store/image-store.ts";
import type { Container, ContainerSpec, ProcessSpec } from "../runtime/runtime.ts";
import { findExecutable, resolveUser } from "../runtime/user.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { environment, isInteractiveShell, mainCommand, SHELLS } from "./command.ts";
import type { SessionParts } from "./parts.ts";
import { exposedTcpPorts } from "./ports.ts";
import { containerId, hostname as hostnameOf, networkPolicy } from "./resources.ts";

/** A launched session's running parts. */
export interface Launched {
  readonly container: Container;
  readonly address: string;
  readonly main: Terminal;
  readonly shell: Terminal | null;
  readonly terminals: SessionTerminal[];
  /** Command line of the main process. */
  readonly args: readonly string[];
  /** TCP ports that the image promises. */
  readonly exposedPorts: readonly number[];
}

/** Makes all parts of a session and starts it. What a failure leaves is removed by the caller (removeResources). */
export async function launch(parts: SessionParts, request: LaunchRequest, slot: number): Promise<Launched> {
  const id = request.sessionId;
  const image = await parts.images.get(request.image);
  if (!image) throw new SlipwayError("image-missing", "The image is not on this worker any more.");
  const lowers = image.snapshot === null ? [] : await parts.snapshotter.layers(image.snapshot);

  const [disk, network] = await Promise.all([
    parts.disks.create(id, request.limits.diskBytes),
    parts.network.create(id, networkPolicy(request)),
    parts.cgroups.create(id, request.limits),
  ]);
  const upper = path.join(disk.directory, "upper");
  const work = path.join(disk.directory, "work");
  await Promise.all([mkdir(upper, { mode: 0o755 }), mkdir(work, { mode: 0o700 })]);

  const hostname = hostnameOf(id);
  const { process, shell } = await processes(image, request, lowers, hostname);
  const spec: ContainerSpec = {
    id: containerId(id),
    rootfs: { lowers, upper, work },
    process,
    hostname,
    ids: parts.ids.range(slot),
    networkNamespace: network.namespacePath,
    hostsFile: `127.0.0.1\tlocalhost\n${network.address}\t${hostname}\n`,
    resolvConf: network.resolvConf,
    cgroupParent: parts.cgroups.path(id),
    limits: request.limits,
  };
  const container = await parts.runtime.create(spec);
  const main = await parts.terminals.open(request.terminals.main, request.size, async (files) =>
    container.runCommand(files),
  );
  const beside =
    shell === null || isInteractiveShell(process.args)
      ? null
      : await openShell(parts, request, container, { ...process, args: [shell] });
  return {
    container,
    address: network.address,
    main,
    shell: beside,
    terminals: describe(request, beside !== null),
    args: process.args,
    exposedPorts: exposedTcpPorts(image.config.config?.ExposedPorts),
  };
}

async function processes(
  image: Image,
  request: LaunchRequest,
  lowers: readonly string[],
  hostname: string,
): Promise<{ process: ProcessSpec; shell: string | null }> {
  const config = image.config.config ?? {};
  const shell = await findExecutable(lowers, SHELLS);
  const user = await resolveUser(lowers, config.User ?? "");
  const process: ProcessSpec = {
    args: mainCommand(request.start, config, shell),
    env: environment(config, hostname, user.home),
    cwd: config.WorkingDir || "/",
    user,
  };
  return { process, shell };
}

/** A shell beside the main process; null when the main process has already ended, and its container with it. */
async function openShell(
  parts: SessionParts,
  request: LaunchRequest,
  container: Container,
  process: ProcessSpec,
): Promise<Terminal | null> {
  try {
    return await parts.terminals.open(request.terminals.shell, request.size, (files) =>
      container.execCommand(process, files),
    );
  } catch (error) {
    parts.log.info({ err: error, sessionId: request.sessionId }, "no shell beside the main process");
    return null;
  }
}

function describe(request: LaunchRequest, shell: boolean): SessionTerminal[] {
  const terminals: SessionTerminal[] = [{ terminalId: request.terminals.main, kind: "main", exitCode: null }];
  if (shell) terminals.push({ terminalId: request.terminals.shell, kind: "shell", exitCode: null });
  return terminals;
}
