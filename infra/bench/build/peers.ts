import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import {
  type DockerDaemon,
  findDocker,
  startDocker,
} from "../../../worker/src/builder/conformance/docker-fixture.ts";
import { loadImage } from "../../../worker/src/builder/conformance/docker-side-fixture.ts";

const BUILD_TIMEOUT_MS = 20 * 60_000;
const ERROR_CHARACTERS = 2_000;

/** A builder to compare with. */
export interface Peer {
  readonly name: string;
  /** False for one that can't take results of an earlier build. */
  readonly caches: boolean;
  /** Builds a directory and gives the seconds that its command took. */
  build(directory: string, noCache: boolean): Promise<number>;
  /** Forgets what it has kept of contexts and steps, so that the next build starts like the first. */
  forget(): Promise<void>;
}

export interface Peers {
  readonly peers: readonly Peer[];
  /** Names and versions, for the table. */
  readonly about: readonly string[];
  close(): Promise<void>;
}

/**
 * Starts the peers that are installed, with the images of an OCI image layout. They work as they do by default, with a bridge
 * for their containers, in a network namespace (a path) that reaches the internet.
 */
export async function startPeers(
  layout: string,
  images: readonly string[],
  parent: string,
  networkNamespace: string,
): Promise<Peers> {
  const found = findDocker();
  const daemon = found ? await startDocker(found, networkNamespace) : null;
  try {
    for (const name of images) if (daemon) await loadImage(daemon, layout, name);
    const buildah = await startBuildah(layout, images, path.join(parent, "buildah"), networkNamespace);
    return {
      peers: [...(daemon ? dockerPeers(daemon) : []), ...(buildah?.peers ?? [])],
      about: [...(daemon ? [`Docker ${daemon.version}`] : []), ...(buildah ? [buildah.version] : [])],
      close: async () => {
        await daemon?.close();
      },
    };
  } catch (error) {
    await daemon?.close();
    throw error;
  }
}

function dockerPeers(daemon: DockerDaemon): Peer[] {
  const peer = (name: string, buildkit: boolean): Peer => ({
    name,
    caches: true,
    build: async (directory, noCache) => {
      const args = ["build", "--tag=bench", ...(noCache ? ["--no-cache"] : []), directory];
      const started = performance.now();
      await daemon.must(args, { buildkit });
      return seconds(started);
    },
    forget: async () => {
      await daemon.must(buildkit ? ["builder", "prune", "--all", "--force"] : ["image", "prune", "--force"]);
    },
  });
  return [peer("docker", false), peer("BuildKit", true)];
}

/** Debian's crun refuses a hybrid layout of cgroups; without its second half in sight it does not. */
const UNIFIED = "/sys/fs/cgroup/unified";

async function startBuildah(
  layout: string,
  images: readonly string[],
  directory: string,
  networkNamespace: string,
) {
  const version = await promisify(execFile)("buildah", ["--version"]).then(
    ({ stdout }) => stdout.split(" (")[0]?.replace("version ", "").trim() ?? "buildah",
    () => null,
  );
  if (version === null) return null;
  await mkdir(directory, { recursive: true });
  const [root, runroot] = [path.join(directory, "root"), path.join(directory, "run")];
  for (const name of images) {
    const full = `docker.io/library/${name}${name.includes(":") ? "" : ":latest"}`;
    const target = `containers-storage:[overlay@${root}+${runroot}]${full}`;
    await inNamespaces(networkNamespace, [
      "skopeo",
      "copy",
      "--quiet",
      "--insecure-policy",
      `oci:${layout}:${full}`,
      target,
    ]);
  }
  const store = ["--root", root, "--runroot", runroot, "--storage-driver", "overlay"];
  const peer = (name: string, layers: boolean): Peer => ({
    name,
    caches: layers,
    build: async (context, noCache) => {
      const flags = ["--pull-never", "--runtime=crun", "--tag=bench", `--layers=${layers}`];
      const started = performance.now();
      const cold = noCache ? ["--no-cache"] : [];
      await inNamespaces(networkNamespace, ["buildah", ...store, "bud", ...flags, ...cold, context]);
      return seconds(started);
    },
    // It keeps nothing of contexts, and --no-cache is all.
    forget: async () => {},
  });
  return { version, peers: [peer("buildah", true), peer("buildah without layers", false)] };
}

/** Runs a program in a network namespace, and in a mount namespace of its own: what it mounts ends with it. */
async function inNamespaces(network: string, command: readonly string[]): Promise<void> {
  const script = existsSync(UNIFIED) ? `umount ${UNIFIED} && exec "$@"` : 'exec "$@"';
  const entered = [`--net=${network}`, "--", "unshare", "--mount"];
  const child = spawn("nsenter", [...entered, "sh", "-c", script, "sh", ...command], {
    stdio: ["ignore", "ignore", "pipe"],
    timeout: BUILD_TIMEOUT_MS,
  });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-ERROR_CHARACTERS);
  });
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`${command.join(" ")} ended with ${code}:\n${said}`);
}

function seconds(started: number): number {
  return (performance.now() - started) / 1000;
}

/** Removes a directory of the bench, and first the mounts in it that a builder left which was killed. */
export async function removeDirectory(directory: string): Promise<void> {
  const points = readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[1] ?? "")
    .filter((point) => point.startsWith(`${directory}/`));
  for (const point of points.reverse()) await promisify(execFile)("umount", [point]);
  await promisify(execFile)("rm", ["-rf", directory]);
}
