import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, existsSync, openSync, readdirSync, readFileSync, rmdirSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import path from "node:path";

/*
 * A Docker daemon of its own, beside whatever else runs on the machine: for tests and benches that compare with it.
 *
 * It has a directory, a socket and a cgroup of its own and a mount namespace of its own, so that its mounts end with it;
 * it touches no bridge and no firewall rules of the host, and the kernel ends it with the process that started it.
 */

/** A disk, unlike /tmp on some machines: overlayfs does not stand on tmpfs everywhere. */
const PARENT = "/var/tmp";
const PREFIX = "slipway-docker-";
const ROOT_NAME = /^slipway-docker-(\d+)-[A-Za-z0-9]{6}$/;
const START_TIMEOUT_MS = 30_000;
const START_POLL_MS = 50;
const STOP_TIMEOUT_MS = 15_000;
/** Of a daemon that does not start, so much of the log is shown. */
const LOG_CHARACTERS = 2_000;
/** Longest run of the client, and largest output of it. */
const CLIENT_TIMEOUT_MS = 15 * 60_000;

export interface DockerResult {
  readonly status: number;
  readonly stdout: Buffer;
  /** What BuildKit and errors write. */
  readonly stderr: string;
}

export interface DockerDaemon {
  readonly version: string;
  readonly root: string;
  /** Runs the client that belongs to the daemon. A bad end is no error here. */
  run(args: readonly string[], options?: { buildkit?: boolean; secretsFrom?: string }): Promise<DockerResult>;
  /** As `run`; rejects when it ends badly. */
  must(args: readonly string[], options?: { buildkit?: boolean }): Promise<DockerResult>;
  /** Ends the daemon and removes all that it left. */
  close(): Promise<void>;
}

interface Programs {
  readonly daemon: string;
  readonly client: string;
  readonly version: string;
}

/** Docker's daemon and the client of the same version, or null where they are not installed. */
export function findDocker(): Programs | null {
  const daemon = programs("dockerd")[0];
  const version = daemon === undefined ? null : versionOf(daemon);
  if (daemon === undefined || version === null) return null;
  // A newer client asks for a plug-in to speak with BuildKit.
  const client = programs("docker").find((program) => versionOf(program) === version);
  return client === undefined ? null : { daemon, client, version };
}

function programs(name: string): string[] {
  const directories = new Set([...(process.env.PATH ?? "").split(":"), "/usr/sbin", "/usr/bin"]);
  return [...directories].map((directory) => path.join(directory, name)).filter(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function versionOf(program: string): string | null {
  const text = execFileSync(program, ["--version"], { encoding: "utf8" });
  return /version ([0-9.]+)/.exec(text)?.[1] ?? null;
}

/**
 * Starts a daemon. Rejects with what its log says when it does not come up. In a network namespace of its own (a path) it
 * has its bridge and its rules, as it does by default; without one it has none, and containers have the host's network.
 */
export async function startDocker(found: Programs, networkNamespace?: string): Promise<DockerDaemon> {
  await removeAbandoned();
  // The name says whose it is, for the case that nobody is left to close it.
  const root = await mkdtemp(path.join(PARENT, `${PREFIX}${process.pid}-`));
  const cgroup = `/${path.basename(root).toLowerCase()}`;
  await mkdir(path.join(root, "client"));
  await writeFile(path.join(root, "daemon.json"), "{}");
  const child = spawnDaemon(found.daemon, root, cgroup, networkNamespace);
  const daemon = new PrivateDaemon(found, root, cgroup, child);
  try {
    await daemon.ready();
    return daemon;
  } catch (error) {
    await daemon.close();
    throw error;
  }
}

const NO_NETWORK = {
  bridge: "none",
  iptables: "false",
  ip6tables: "false",
  "ip-forward": "false",
  "ip-masq": "false",
};

function spawnDaemon(program: string, root: string, cgroup: string, networkNamespace?: string): ChildProcess {
  const log = openSync(path.join(root, "log"), "w");
  const options = {
    "config-file": path.join(root, "daemon.json"),
    "data-root": path.join(root, "data"),
    "exec-root": path.join(root, "exec"),
    pidfile: path.join(root, "pid"),
    host: `unix://${socketOf(root)}`,
    "cgroup-parent": cgroup,
    "storage-driver": "overlay2",
    "log-level": "warn",
    ...(networkNamespace === undefined ? NO_NETWORK : {}),
  };
  const args = Object.entries(options).map(([name, value]) => `--${name}=${value}`);
  const entered = networkNamespace === undefined ? [] : ["nsenter", `--net=${networkNamespace}`, "--"];
  return spawn("setpriv", ["--pdeathsig", "TERM", ...entered, "unshare", "--mount", program, ...args], {
    stdio: ["ignore", log, log],
    env: { ...process.env, DOCKER_TMPDIR: path.join(root, "tmp") },
  });
}

const socketOf = (root: string) => path.join(root, "socket");

class PrivateDaemon implements DockerDaemon {
  readonly version: string;
  readonly root: string;
  readonly #client: string;
  readonly #cgroup: string;
  readonly #child: ChildProcess;

  constructor({ client, version }: Programs, root: string, cgroup: string, child: ChildProcess) {
    this.version = version;
    this.root = root;
    this.#client = client;
    this.#cgroup = cgroup;
    this.#child = child;
  }

  async ready(): Promise<void> {
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (!(await answers(socketOf(this.root)))) {
      if (this.#child.exitCode !== null || this.#child.signalCode !== null || Date.now() > deadline) {
        const log = readFileSync(path.join(this.root, "log"), "utf8").slice(-LOG_CHARACTERS);
        throw new Error(
          `Docker is installed here, but its daemon could not be started to compare with:\n${log}`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, START_POLL_MS));
    }
  }

  async run(
    args: readonly string[],
    options: { buildkit?: boolean; secretsFrom?: string } = {},
  ): Promise<DockerResult> {
    const child = spawn(this.#client, args, {
      stdio: ["ignore", "pipe", "pipe"],
      timeout: CLIENT_TIMEOUT_MS,
      env: {
        PATH: process.env.PATH,
        HOME: path.join(this.root, "client"),
        DOCKER_HOST: `unix://${socketOf(this.root)}`,
        DOCKER_BUILDKIT: options.buildkit ? "1" : "0",
      },
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
    const [code] = await once(child, "close");
    return {
      status: typeof code === "number" ? code : 128,
      stdout: Buffer.concat(stdout),
      stderr: Buffer.concat(stderr).toString(),
    };
  }

  async must(args: readonly string[], options: { buildkit?: boolean } = {}): Promise<DockerResult> {
    const result = await this.run(args, options);
    if (result.status === 0) return result;
    throw new Error(`docker ${args.join(" ")} ended with ${result.status}:\n${result.stderr}`);
  }

  async close(): Promise<void> {
    await end(this.#child);
    await removeRoot(this.root, this.#cgroup);
  }
}

async function answers(socket: string): Promise<boolean> {
  const connection = connect(socket);
  try {
    await once(connection, "connect");
    return true;
  } catch {
    return false;
  } finally {
    connection.destroy();
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(timer);
}

/** Ends what is left of the daemon's own processes, such as its containerd, and removes its files and groups. */
async function removeRoot(root: string, cgroup: string): Promise<void> {
  const pid = pidIn(path.join(root, "exec/containerd/containerd.pid"));
  if (pid !== null && isRunning(pid, root)) process.kill(pid, "SIGKILL");
  await rm(root, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  for (const tree of ["", ...readdirSync("/sys/fs/cgroup")]) {
    removeGroups(path.join("/sys/fs/cgroup", tree, cgroup));
  }
}

function removeGroups(directory: string): void {
  if (!existsSync(directory)) return;
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (entry.isDirectory()) removeGroups(path.join(directory, entry.name));
  }
  try {
    rmdirSync(directory);
  } catch {
    // A process in it is ending; an empty group that stays costs nothing, and the next start tries again.
  }
}

/** Directories of daemons whose starter is gone; they have ended with it. */
async function removeAbandoned(): Promise<void> {
  for (const name of await readdir(PARENT)) {
    const starter = ROOT_NAME.exec(name)?.[1];
    if (starter === undefined || existsSync(`/proc/${starter}`)) continue;
    await removeRoot(path.join(PARENT, name), `/${name.toLowerCase()}`);
  }
}

function pidIn(file: string): number | null {
  try {
    return Number(readFileSync(file, "utf8").trim()) || null;
  } catch {
    return null;
  }
}

/** True if the process is there and its command names this directory: pids are used again. */
function isRunning(pid: number, root: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(root);
  } catch {
    return false;
  }
}
