import type { IdRange } from "../snapshot/snapshotter.ts";
import type { ProcessLimit } from "./process-limits.ts";

/**
 * Containers as separate programs of an OCI runtime run them. The bundle (OCI runtime spec 1.0.2) holds the isolation
 * list: own pid, mount, ipc, uts, network, cgroup and user namespaces, Docker's default capabilities, no_new_privs,
 * the default seccomp profile, masked and read-only paths, limits.
 */
export interface Runtime {
  readonly name: string;
  readonly version: string;
  readonly hardened: boolean;
  /**
   * Runs one process in a container of its own to its end, output as it comes; used for `RUN`. Resolves with the exit
   * code (128 + signal when killed). Aborting kills the container; nothing is left behind in any case but an empty
   * control group below `cgroupParent`, which the next run there uses again and which goes with its parent.
   */
  run(container: ContainerSpec, output: RunOutput, signal: AbortSignal): Promise<number>;
  /** Mounts the root file system and writes bundle and cgroup of a container whose main process is to have a pty. */
  create(container: ContainerSpec): Promise<Container>;
  /** The container `id` that an earlier worker process created, or null. */
  adopt(id: string): Promise<Container | null>;
  /** Ids of all containers that have a bundle or a runtime state, for reconciliation after a restart. */
  list(): Promise<string[]>;
}

/** A created container. Its processes are started by a shim (see terminal/), with the commands that this gives. */
export interface Container {
  readonly id: string;
  /** The command line that starts the main process and detaches, its pty sent to `files.consoleSocket`. */
  runCommand(files: ConsoleFiles): readonly string[];
  /**
   * As `runCommand`, but the main process waits behind all of its walls until `start`; `pid` already gives it, and it
   * can be removed like any other.
   */
  createCommand(files: ConsoleFiles): readonly string[];
  /** Lets the main process of a `createCommand` run, in a few ms. Rejects with `runtime-failed` when none waits. */
  start(): Promise<void>;
  /** The command line that starts one more process, with a pty of its own. Writes a process file beside the bundle. */
  execCommand(process: ProcessSpec, files: ConsoleFiles): Promise<readonly string[]>;
  /** As `runCommand` for a process that a keeper holds. It has a pty where the container was created with one. */
  keptCommand(files: KeptFiles): readonly string[];
  /** As `execCommand` for a process that a keeper holds. It has a pty where `files` name a console socket. */
  keptExecCommand(process: ProcessSpec, files: KeptFiles): Promise<readonly string[]>;
  /** Where its root file system is mounted on this machine. */
  readonly rootfs: string;
  /** Other lines of its /etc/hosts, also while it runs. */
  writeHosts(content: string): Promise<void>;
  /** Its control group. */
  readonly cgroup: string | null;
  /**
   * Host pid of the main process, or of what plays its kernel (runsc); null when it does not run. With every runtime the
   * container's sockets are those of that process's network namespace, so that /proc/<pid>/net tells of them.
   */
  pid(): Promise<number | null>;
  /** Sends a signal (`SIGTERM`) to the main process; no error when there is none. */
  kill(signal: string): Promise<void>;
  /**
   * Freezes all processes of the container, whoever started them, or lets them go on. Idempotent. Signals to a frozen
   * process wait until it goes on; `remove` doesn't. Rejects with `runtime-failed` when it does not run.
   */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Changes its limits while it runs, but for that of open files. */
  update(limits: ContainerLimits): Promise<void>;
  /** True when the kernel killed a process of this container for memory since it was created. */
  outOfMemory(): Promise<boolean>;
  /** Ends all its processes and removes state, cgroup, mounts and bundle. Idempotent. */
  remove(): Promise<void>;
}

/** What an OCI runtime is given for a process whose streams a keeper holds (keeper/). */
export interface KeptFiles {
  readonly pidFile: string;
  /** Where the runtime says why it failed, in lines of JSON. */
  readonly logFile: string;
  /** Where the pty is sent; null for a process without one, which has the runtime's own streams. */
  readonly consoleSocket: string | null;
}

/** Paths that an OCI runtime is given as --console-socket and --pid-file. */
export interface ConsoleFiles {
  readonly consoleSocket: string;
  readonly pidFile: string;
}

export interface RunOutput {
  stdout(chunk: Uint8Array): void;
  stderr(chunk: Uint8Array): void;
}

/** What a container is, apart from how it is supervised. */
export interface ContainerSpec {
  /** Unique on this worker: lower-case letters, digits and dashes, at most 64. */
  readonly id: string;
  readonly rootfs: RootFilesystem;
  readonly process: ProcessSpec;
  readonly hostname: string;
  readonly ids: IdRange;
  /** Path of a network namespace; null for one of its own with loopback only. */
  readonly networkNamespace: string | null;
  /** Lines of the container's /etc/hosts and /etc/resolv.conf, mounted over those of the image. */
  readonly hostsFile: string;
  readonly resolvConf: string;
  /** cgroup below which the container's own is made, such as `/slipway/session-x`. */
  readonly cgroupParent: string;
  readonly limits: ContainerLimits;
  /** Of each process, beside those; never above the hard limits of this process, nor above `limits.openFiles`. */
  readonly processLimits?: readonly ProcessLimit[];
  /** What is mounted beside the usual, in this order; nothing by default. */
  readonly mounts?: readonly ContainerMount[];
  /** False for a main process without a pty; true by default. */
  readonly terminal?: boolean;
  /** True where the root file system can't be written to. */
  readonly readOnly?: boolean;
  /** Of processes, out of CAPABILITIES; all of them by default. */
  readonly capabilities?: readonly string[];
  /** Size of /dev/shm; 64 MiB by default. */
  readonly shmBytes?: number;
}

/** Mount points that are missing in the root file system are made, and are gone again after `run`. */
export interface ContainerMount {
  readonly kind: "bind" | "tmpfs";
  /** Directory or file of this machine, whose ids are those that the container is to see (see IdRange); "" for a tmpfs. */
  readonly source: string;
  /** Absolute path in the container. */
  readonly destination: string;
  /** As in the OCI runtime spec, config.md: `ro`, `size=…`. */
  readonly options: readonly string[];
}

/** An overlay to be mounted for the container: idmapped lowers, upper and work. See native/. */
export interface RootFilesystem {
  readonly lowers: readonly string[];
  readonly upper: string;
  readonly work: string;
}

/** The container's own limits; where one is missing, those of the groups above hold alone. */
export interface ContainerLimits {
  readonly memoryBytes?: number;
  readonly cpus?: number;
  /** Weight against others of the same group; 1024 by default. */
  readonly cpuShares?: number;
  readonly pids?: number;
  /** Of each process. */
  readonly openFiles: number;
}

export interface ProcessSpec {
  readonly args: readonly string[];
  /** `NAME=value` */
  readonly env: readonly string[];
  readonly cwd: string;
  /** Numeric ids inside the container. */
  readonly user: { readonly uid: number; readonly gid: number; readonly additionalGids: readonly number[] };
}
