import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { mkdir, readdir, rm, rmdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { mkdirAt, mountBind, NativeError, O_PATH, openInRoot, unmountAll } from "@slipway/native";
import { SlipwayError } from "@slipway/protocol";
import type { ContainerMount } from "../../runtime/runtime.ts";
import { engineSocket } from "../engine-door.ts";
import type { HostGround } from "../session-host.ts";
import { fillVolume } from "../volumes/fill-volume.ts";
import { SessionVolumes, volumeData } from "../volumes/session-volumes.ts";
import { keeperId } from "./container-ids.ts";
import type { OrderedMount } from "./container-order.ts";

const SOCKET_PATHS = new Set(["/var/run/docker.sock", "/run/docker.sock"]);

/** Where the mounts of a container are put together, before its runtime sees them. */
export const mountsDirectory = (workerDirectory: string): string => path.join(workerDirectory, "binds");
export const directoryOf = (workerDirectory: string, id: string): string =>
  path.join(mountsDirectory(workerDirectory), keeperId(id));

/** Where one of them is. */
export const mountIndex = (workerDirectory: string, id: string, index: number): string =>
  path.join(directoryOf(workerDirectory, id), String(index));

/** Those that show files which are somewhere else too, with their places among all. */
export const bindsOf = (mounts: readonly OrderedMount[]) =>
  mounts.map((mount, index) => ({ mount, index })).filter(({ mount }) => mount.type !== "tmpfs");

/**
 * Makes what a container mounts. Sources are opened first, in the root file system where they are, and the mount is made of what
 * was opened: nobody inside can put something else in its place meanwhile. `lowers`: directories of the image, of which an
 * empty volume gets what is at its target.
 */
export async function makeMounts(
  workerDirectory: string,
  host: HostGround,
  id: string,
  mounts: readonly OrderedMount[],
  lowers: readonly string[],
): Promise<ContainerMount[]> {
  await removeMounts(workerDirectory, id);
  const directory = directoryOf(workerDirectory, id);
  if (mounts.some(({ type }) => type !== "tmpfs")) await makeDirectory(directory);
  const made: ContainerMount[] = [];
  for (const [index, mount] of mounts.entries()) {
    const options = mount.readOnly ? ["ro"] : [];
    if (mount.type === "tmpfs") {
      made.push({ kind: "tmpfs", source: "", destination: mount.target, options: tmpfsOptions(mount) });
      continue;
    }
    const target = mountIndex(workerDirectory, id, index);
    if (mount.type === "volume") await showVolume(host, mount, lowers, target);
    else await showPath(workerDirectory, host, mount, target);
    made.push({ kind: "bind", source: target, destination: mount.target, options });
  }
  return made;
}

export const makeDirectory = async (directory: string): Promise<void> => {
  await mkdir(directory, { recursive: true, mode: 0o711 });
};

/** Idempotent. */
export async function removeMounts(workerDirectory: string, id: string): Promise<void> {
  const directory = directoryOf(workerDirectory, id);
  for (const name of await readdir(directory).catch(() => [])) await unmountAll(path.join(directory, name));
  // Not recursive: nothing that is still mounted can be emptied.
  for (const name of await readdir(directory).catch(() => [])) {
    await rm(path.join(directory, name), { force: true }).catch(() => rmdirOf(path.join(directory, name)));
  }
  await rmdirOf(directory);
}

const rmdirOf = (directory: string): Promise<void> => rmdir(directory).catch(() => {});

function tmpfsOptions({ tmpfsBytes, tmpfsMode, readOnly }: OrderedMount): string[] {
  return [
    "nosuid",
    "nodev",
    "noexec",
    ...(tmpfsBytes === null ? [] : [`size=${tmpfsBytes}`]),
    `mode=${(tmpfsMode ?? 0o1777).toString(8)}`,
    ...(readOnly ? ["ro"] : []),
  ];
}

async function showVolume(
  host: HostGround,
  mount: OrderedMount,
  lowers: readonly string[],
  target: string,
): Promise<void> {
  await new SessionVolumes(host.disk).create(mount.source);
  const source = volumeData(host.disk, mount.source);
  await fillVolume(source, lowers, mount.target);
  await mkdir(target, { mode: 0o755 });
  await mountBind({ source, target, idRange: host.ids, readOnly: mount.readOnly });
}

async function showPath(
  workerDirectory: string,
  host: HostGround,
  mount: OrderedMount,
  target: string,
): Promise<void> {
  const fd = SOCKET_PATHS.has(mount.source)
    ? openSync(engineSocket(workerDirectory, host.place), O_PATH)
    : openSource(host, mount);
  try {
    if (fstatSync(fd).isDirectory()) await mkdir(target, { mode: 0o755 });
    else await writeFile(target, "", { mode: 0o644 });
    await mountBind({
      source: `/proc/self/fd/${fd}`,
      target,
      idRange: null,
      readOnly: mount.readOnly,
    });
  } finally {
    closeSync(fd);
  }
}

/** A path as the main container sees it, which is the machine that a person of the session sits at. */
function openSource(host: HostGround, { source, createsSource }: OrderedMount): number {
  const root = openSync(host.main.rootfs, O_PATH | constants.O_DIRECTORY);
  try {
    try {
      return openInRoot(root, source, O_PATH, 0);
    } catch (error) {
      if (!(error instanceof NativeError) || error.code !== "ENOENT" || !createsSource) throw error;
    }
    makeDirectories(host, root, source);
    return openInRoot(root, source, O_PATH, 0);
  } catch (error) {
    if (!(error instanceof NativeError)) throw error;
    throw new SlipwayError(
      "request-invalid",
      `invalid mount config for type "bind": bind source path does not exist: ${source.slice(0, 1024)}`,
      { cause: error },
    );
  } finally {
    closeSync(root);
  }
}

/** Every directory of a path that is missing, as the session's root makes it. */
export function makeDirectories(host: HostGround, root: number, source: string): void {
  const parts = path.posix
    .normalize(source)
    .split("/")
    .filter((part) => part !== "");
  for (let depth = 1; depth <= parts.length; depth++) {
    const parent = openInRoot(
      root,
      `/${parts.slice(0, depth - 1).join("/")}`,
      O_PATH | constants.O_DIRECTORY,
      0,
    );
    try {
      mkdirAt(parent, parts[depth - 1] ?? "", 0o755, host.ids.firstHostId);
    } catch (error) {
      if (!(error instanceof NativeError) || error.code !== "EEXIST") throw error;
    } finally {
      closeSync(parent);
    }
  }
}
