import { mkdir, readdir, rm } from "node:fs/promises";
import path from "node:path";
import type { ContainerMount } from "../runtime/runtime.ts";
import type { Place } from "./place.ts";

/*
 * Where the Engine API of a session is reached. Containers see the directory and not the socket, so that one which a later
 * worker process makes there is found by those that run. `/run/docker.sock` leads to it (mount-points.ts).
 */

/** Programs whose presence in an image asks for the API. */
export const DOCKER_CLIENTS = ["/usr/bin/docker", "/usr/local/bin/docker"];
/** Label of images that ask for it without such a program. */
export const ENGINE_LABEL = "slipway.engine";
/** Where containers see the directory. */
export const ENGINE_MOUNT = "/run/slipway";
const SOCKET = "docker.sock";

/** The one of a place, below the worker's directory. */
export const engineDirectory = (workerDirectory: string, { name }: Pick<Place, "name">): string =>
  path.join(workerDirectory, "engine", name);

export const engineSocket = (workerDirectory: string, place: Pick<Place, "name">): string =>
  path.join(engineDirectory(workerDirectory, place), SOCKET);

/** Idempotent. */
export async function makeEngineDirectory(workerDirectory: string, place: Place): Promise<string> {
  const directory = engineDirectory(workerDirectory, place);
  // A container's users, somebody else on the machine, pass through.
  await mkdir(directory, { recursive: true, mode: 0o711 });
  return directory;
}

export async function removeEngineDirectory(workerDirectory: string, name: string): Promise<void> {
  await rm(engineDirectory(workerDirectory, { name }), { recursive: true, force: true });
}

/** Names of all places that have one, for reconciliation after a restart. */
export async function engineDirectories(workerDirectory: string): Promise<string[]> {
  return await readdir(path.join(workerDirectory, "engine")).catch(() => []);
}

export const engineMount = (directory: string): ContainerMount => ({
  kind: "bind",
  source: directory,
  destination: ENGINE_MOUNT,
  options: ["ro", "nosuid", "nodev", "noexec"],
});
