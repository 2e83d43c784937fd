import { open } from "node:fs/promises";
import path from "node:path";
import { launchPath, sealedCopy } from "@slipway/native";
import { SlipwayError } from "@slipway/protocol";
import { type Cgroups, CPU_PERIOD_US } from "../cgroup/cgroup.ts";
import { ProgramError, runProgram } from "../process/program.ts";
import { runBriefly } from "./brief-command.ts";
import { GVISOR_OPTIONS, makeIdMappers } from "./gvisor.ts";
import type { ConsoleFiles, ContainerLimits, KeptFiles } from "./runtime.ts";
import { runtimeFailure } from "./runtime-failure.ts";

/** A delete of the runtime waits for processes to die. */
const DELETE_TIMEOUT_MS = 30_000;
/** A request that the runtime passes on to a container. */
const TELL_TIMEOUT_MS = 30_000;
/** Where a program finds its own sealed copy: after the standard streams. */
const OWN_DESCRIPTOR = 3;

/** Where slipway-launch finds the program: after the standard streams and the pipe that it answers on. */
const PROGRAM_DESCRIPTOR = 4;
/** First bytes of a program that the kernel runs from a descriptor alone; a script needs its path. */
const ELF_MAGIC = Buffer.from("\x7fELF", "latin1");

export type RuntimeName = "crun" | "runc" | "runsc";

/** What command lines have to know of a container. */
export interface RunningAs {
  readonly id: string;
  /** Id of its root on this machine. */
  readonly owner: number;
}

/** A command line of slipway-launch, and what it is to have open from PROGRAM_DESCRIPTOR on. */
export interface LaunchCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly descriptors: readonly number[];
}

/**
 * The OCI runtime as a program: its command lines (crun(1), runc(8); both take the same ones) and their start through
 * slipway-launch where the machine's control groups ask for it.
 */
export class RuntimeProgram {
  readonly name: RuntimeName;
  readonly version: string;
  /** Where the runtime keeps what it knows of its containers, a directory for each. */
  readonly stateDirectory: string;
  readonly #hidden: readonly string[];
  /** Where the program was found. */
  readonly #file: string;
  /** A copy of the program that can't be written to, or null where the program is none that can be copied. */
  readonly #sealed: number | null;

  private constructor(
    name: RuntimeName,
    version: string,
    stateDirectory: string,
    hidden: readonly string[],
    found: { file: string; sealed: number | null },
  ) {
    this.name = name;
    this.version = version;
    this.stateDirectory = stateDirectory;
    this.#hidden = hidden;
    this.#file = found.file;
    this.#sealed = found.sealed;
  }

  /** Finds the program. Rejects with `runtime-missing`. */
  static async open(name: RuntimeName, stateDirectory: string, cgroups: Cgroups): Promise<RuntimeProgram> {
    try {
      const { stdout } = await runProgram([name, "--version"]);
      if (name === "runsc") await makeIdMappers(mapperDirectory(stateDirectory));
      const version = /version ([0-9][^\s]*)/.exec(stdout)?.[1] ?? "unknown";
      // runc takes hybrid hierarchies as they are.
      const hidden = name === "crun" && cgroups.unifiedMount !== null ? ["--hide", cgroups.unifiedMount] : [];
      return new RuntimeProgram(name, version, stateDirectory, hidden, await findProgram(name));
    } catch (cause) {
      throw new SlipwayError(
        "runtime-missing",
        `The OCI runtime ${name} is not installed or doesn't start.`,
        {
          cause,
          params: { runtime: name },
        },
      );
    }
  }

  /** Starts the container of a bundle, its pty sent to the console socket, and leaves it running. */
  runOnConsole(as: RunningAs, bundle: string, files: ConsoleFiles): readonly [string, ...string[]] {
    return this.#launched(as, this.#sealedPath, [
      "run",
      "--detach",
      ...console(files),
      "--bundle",
      bundle,
      as.id,
    ]);
  }

  /** As `runOnConsole`, but its main process waits for `start`. */
  createOnConsole(as: RunningAs, bundle: string, files: ConsoleFiles): readonly [string, ...string[]] {
    return this.#launched(as, this.#sealedPath, ["create", ...console(files), "--bundle", bundle, as.id]);
  }

  /** Starts one more process, described in a process file. */
  execOnConsole(as: RunningAs, processFile: string, files: ConsoleFiles): readonly [string, ...string[]] {
    const command = ["exec", "--detach", ...console(files), "--process", processFile, as.id];
    return this.#launched(as, this.#sealedPath, command);
  }

  /** Starts the container of a bundle with the streams of whoever runs the command, or with a pty, and leaves it running. */
  runKept(as: RunningAs, bundle: string, files: KeptFiles): readonly [string, ...string[]] {
    const command = ["run", "--detach", ...kept(files), "--bundle", bundle, as.id];
    return this.#launched(as, this.#sealedPath, [...logged(files.logFile), ...command]);
  }

  /** Starts one more process, described in a process file, with the streams of whoever runs the command, or with a pty. */
  execKept(as: RunningAs, processFile: string, files: KeptFiles): readonly [string, ...string[]] {
    const command = ["exec", "--detach", ...kept(files), "--process", processFile, as.id];
    return this.#launched(as, this.#sealedPath, [...logged(files.logFile), ...command]);
  }

  /** Runs the container of a bundle to its end; see launch.cc. What the runtime has to say goes to `logFile`. */
  runToEnd(as: RunningAs, bundle: string, pidFile: string, logFile: string): LaunchCommand {
    const detached = ["run", "--detach", "--pid-file", pidFile, "--bundle", bundle, as.id];
    const program = this.#sealed === null ? [] : ["--program", String(PROGRAM_DESCRIPTOR)];
    const [file, ...args] = this.#launched(
      as,
      ["--reap", pidFile, ...program],
      [...logged(logFile), ...detached],
    );
    return { file, args, descriptors: this.#sealed === null ? [] : [this.#sealed] };
  }

  /** Lets the main process of a created container run. */
  async start(as: RunningAs): Promise<void> {
    await this.#tell(as, ["start"]);
  }

  /** Idempotent, as crun is and the others are not. */
  async pause(as: RunningAs): Promise<void> {
    await this.#tell(as, ["pause"], /not running|in state paused/);
  }

  /** Idempotent, as crun is and the others are not. */
  async resume(as: RunningAs): Promise<void> {
    await this.#tell(as, ["resume"], /not paused|in state running/);
  }

  /** Changes the limits of its group. */
  async update(as: RunningAs, { memoryBytes, cpus, cpuShares, pids }: ContainerLimits): Promise<void> {
    const options = {
      "--memory": memoryBytes,
      "--cpu-period": cpus === undefined ? undefined : CPU_PERIOD_US,
      "--cpu-quota": cpus === undefined ? undefined : Math.round(cpus * CPU_PERIOD_US),
      "--cpu-share": cpuShares,
      "--pids-limit": pids,
    };
    const given = Object.entries(options).filter(([, value]) => value !== undefined);
    if (given.length === 0) return;
    await this.#tell(as, ["update", ...given.flatMap(([name, value]) => [name, String(value)])]);
  }

  /** Sends a signal to the main process, by its number. */
  async kill(as: RunningAs, signal: number): Promise<void> {
    await this.#tell(as, ["kill"], undefined, [String(signal)]);
  }

  /** Kills the container, if any, and makes the runtime forget it. Idempotent. */
  async delete(as: RunningAs): Promise<void> {
    const { id } = as;
    try {
      await runProgram(this.#launched(as, [], ["delete", "--force", id]), { timeoutMs: DELETE_TIMEOUT_MS });
    } catch (cause) {
      if (cause instanceof ProgramError && /does not exist|No such file/i.test(cause.stderr)) return;
      throw new SlipwayError("runtime-failed", `The container ${id} could not be deleted.`, { cause });
    }
  }

  /** For command lines that somebody else runs, who has no descriptors of this process. */
  get #sealedPath(): readonly string[] {
    return this.#sealed === null ? [] : ["--program", `/proc/${process.pid}/fd/${this.#sealed}`];
  }

  /** crun and runc straight from the sealed copy: no other mounts, no control groups are looked at. */
  async #tell(as: RunningAs, command: string[], settled?: RegExp, args: string[] = []): Promise<void> {
    const { exitCode, said } = await runBriefly(
      this.#telling(as, [...command, as.id, ...args]),
      TELL_TIMEOUT_MS,
    );
    if (exitCode === 0 || settled?.test(said)) return;
    throw runtimeFailure(said.trim() || `${this.name} ${command[0]} exited with ${exitCode}`);
  }

  #telling(as: RunningAs, command: readonly string[]): LaunchCommand {
    if (this.name === "runsc") {
      const [file, ...args] = this.#launched(as, [], command);
      return { file, args, descriptors: [] };
    }
    const args = ["--root", this.#root(as.id), ...command];
    return this.#sealed === null
      ? { file: this.#file, args, descriptors: [] }
      : { file: `/proc/self/fd/${OWN_DESCRIPTOR}`, args, descriptors: [this.#sealed] };
  }

  /** crun and runc keep a directory per container by themselves. */
  #root(id: string): string {
    return this.name === "runsc" ? path.join(this.stateDirectory, id) : this.stateDirectory;
  }

  #launched(
    as: RunningAs,
    launchOptions: readonly string[],
    command: readonly string[],
  ): readonly [string, ...string[]] {
    const launch = [launchPath(), ...this.#hidden, ...launchOptions] as const;
    if (this.name === "runsc") {
      const [file, ...options] = launch;
      const own = ["--as", String(as.owner), "--path", mapperDirectory(this.stateDirectory)];
      return [
        file,
        ...options,
        ...own,
        "--",
        "runsc",
        "--root",
        this.#root(as.id),
        ...GVISOR_OPTIONS,
        ...command,
      ];
    }
    const [file, ...options] = launch;
    const manager = this.name === "crun" ? ["--cgroup-manager", "cgroupfs"] : [];
    return [file, ...options, "--", this.name, "--root", this.#root(as.id), ...manager, ...command];
  }
}

const console = (files: ConsoleFiles) => [
  "--console-socket",
  files.consoleSocket,
  "--pid-file",
  files.pidFile,
];

const kept = ({ consoleSocket, pidFile }: KeptFiles) => [
  ...(consoleSocket === null ? [] : ["--console-socket", consoleSocket]),
  "--pid-file",
  pidFile,
];

const logged = (logFile: string) => ["--log", logFile, "--log-format", "json"];

/** Its name is none of a container. */
const mapperDirectory = (stateDirectory: string) => path.join(stateDirectory, ".mappers");

/** The copy is held for as long as this process lives: a container's start need not read the program again. */
async function findProgram(name: string): Promise<{ file: string; sealed: number | null }> {
  for (const directory of (process.env.PATH ?? "").split(path.delimiter)) {
    const file = path.join(directory, name);
    const head = await firstBytes(file, ELF_MAGIC.byteLength).catch(() => null);
    // What runsc runs as is nobody who may run a copy of root's, and it never runs where a container could reach it.
    const copied = head?.equals(ELF_MAGIC) === true && name !== "runsc";
    if (head !== null) return { file, sealed: copied ? sealedCopy(file) : null };
  }
  return { file: name, sealed: null };
}

async function firstBytes(file: string, count: number): Promise<Buffer> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(count), 0, count, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
