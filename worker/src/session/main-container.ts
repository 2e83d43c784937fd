import type { Digest, LaunchRequest, TerminalSize } from "@slipway/protocol";
import { SlipwayError } from "@slipway/protocol";
import type { Image } from "../image-store/image-store.ts";
import type { Container, ProcessSpec } from "../runtime/runtime.ts";
import { findExecutable, resolveUser } from "../runtime/user.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { environment, isInteractiveShell, mainCommand, SHELLS } from "./command.ts";
import { DOCKER_CLIENTS, ENGINE_LABEL, engineMount, makeEngineDirectory } from "./engine-door.ts";
import { type Ground, upperOf, workOf } from "./ground.ts";
import { makeMountPoints } from "./mount-points.ts";
import type { SessionParts } from "./parts.ts";
import type { Place } from "./place.ts";
import { exposedTcpPorts } from "./ports.ts";

/** What of a launch the main container depends on and can't be changed afterwards. */
export interface MainShape {
  readonly image: Digest;
  readonly start: LaunchRequest["start"];
  /** Of each process. */
  readonly openFiles: number;
}

export const mainShape = ({ image, start, limits }: LaunchRequest): MainShape => ({
  image,
  start,
  openFiles: limits.openFiles,
});

/** What the main container runs, as its image says. */
export interface MainPlan {
  /** Name of the committed snapshot with all layers of the image; null for `scratch`. */
  readonly snapshot: string | null;
  readonly lowers: readonly string[];
  readonly process: ProcessSpec;
  /** The shell of the image, or null. */
  readonly shell: string | null;
  /** TCP ports that the image promises. */
  readonly exposedPorts: readonly number[];
  /** True where the container sees the Engine API of its session. */
  readonly engine: boolean;
}

/** A main container with the pty of its process, which runs or waits to be started. */
export interface MainContainer extends MainPlan {
  readonly container: Container;
  readonly terminal: Terminal;
}

export async function planMain(parts: SessionParts, place: Place, shape: MainShape): Promise<MainPlan> {
  const image = await parts.images.get(shape.image);
  if (!image) throw new SlipwayError("image-missing", "The image is not on this worker any more.");
  const { snapshot } = image;
  const lowers = snapshot === null ? [] : await parts.snapshotter.layers(snapshot);
  return { snapshot, lowers, ...(await processes(image, shape.start, lowers, place.hostname)) };
}

async function processes(
  image: Image,
  start: LaunchRequest["start"],
  lowers: readonly string[],
  hostname: string,
): Promise<Omit<MainPlan, "lowers" | "snapshot">> {
  const config = image.config.config ?? {};
  const [shell, client, user] = await Promise.all([
    findExecutable(lowers, SHELLS),
    findExecutable(lowers, DOCKER_CLIENTS),
    resolveUser(lowers, config.User ?? ""),
  ]);
  const process: ProcessSpec = {
    args: mainCommand(start, config, shell),
    env: environment(config, hostname, user.home),
    cwd: config.WorkingDir || "/",
    user,
  };
  const engine = client !== null || config.Labels?.[ENGINE_LABEL] === "true";
  return { process, shell, exposedPorts: exposedTcpPorts(config.ExposedPorts), engine };
}

/** The shell to be opened beside the main process; null where the main process is one, or the image has none. */
export function shellBeside({ shell, process }: MainPlan): ProcessSpec | null {
  return shell === null || isInteractiveShell(process.args) ? null : { ...process, args: [shell] };
}

/** Makes the main container on its ground, its process running (`run`) or waiting for Container.start (`create`). */
export async function makeMain(
  parts: SessionParts,
  order: {
    readonly place: Place;
    readonly slot: number;
    readonly ground: Ground;
    readonly plan: MainPlan;
    readonly openFiles: number;
    readonly size: TerminalSize;
    readonly process: "run" | "create";
  },
): Promise<MainContainer> {
  const { place, ground, plan } = order;
  const { network, disk } = ground;
  const door = plan.engine ? [engineMount(await makeEngineDirectory(parts.directory, place))] : [];
  const container = await parts.runtime.create({
    id: place.container,
    rootfs: {
      lowers: [...plan.lowers, makeMountPoints(parts.directory, plan)],
      upper: upperOf(disk),
      work: workOf(disk),
    },
    process: plan.process,
    hostname: place.hostname,
    ids: parts.ids.range(order.slot),
    networkNamespace: network.namespacePath,
    hostsFile: `127.0.0.1\tlocalhost\n${network.address}\t${place.hostname}\n`,
    resolvConf: network.resolvConf,
    cgroupParent: parts.cgroups.path(place.name),
    // All else is limited for the session as a whole, by its own group.
    limits: { openFiles: order.openFiles },
    mounts: door,
  });
  const terminal = await parts.terminals.open(place.main, order.size, async (files) =>
    order.process === "run" ? container.runCommand(files) : container.createCommand(files),
  );
  return { ...plan, container, terminal };
}
