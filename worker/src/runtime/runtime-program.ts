import { open } from "node:fs/promises";
import path from "node:path";
import { launchPath, sealedCopy } from "@slipway/native";
import { SlipwayError } from "@slipway/protocol";
import type { Cgroups } from "../cgroup/cgroup.ts";
import { ProgramError, runProgram } from "../process/program.ts";
import { runBriefly } from "./brief-command.ts";
import type { ConsoleFiles } from "./runtime.ts";

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
  readonly name: "crun" | "runc";
  readonly version: string;
  /** Where the runtime keeps what it knows of its containers. */
  readonly stateDirectory: string;
  readonly #hidden: readonly string[];
  /** Where the program was found. */
  readonly #file: string;
  /** A copy of the program that can't be written to, or null where the program is none that can be copied. */
  readonly #sealed: number | null;

  private constructor(
    name: "crun" | "runc",
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
  static async open(
    name: "crun" | "runc",
    stateDirectory: string,
    cgroups: Cgroups,
  ): Promise<RuntimeProgram> {
    try {
      const { stdout } = await runProgram([name, "--version"]);
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
  runOnConsole(id: string, bundle: string, files: ConsoleFiles): readonly [string, ...string[]] {
    const console = ["--console-socket", files.consoleSocket, "--pid-file", files.pidFile];
    return this.#launched(this.#sealedPath, ["run", "--detach", ...console, "--bundle", bundle, id]);
  }

  /** As `runOnConsole`, but its main process waits for `start`. */
  createOnConsole(id: string, bundle: string, files: ConsoleFiles): readonly [string, ...string[]] {
    const console = ["--console-socket", files.consoleSocket, "--pid-file", files.pidFile];
    return this.#launched(this.#sealedPath, ["create", ...console, "--bundle", bundle, id]);
  }

  /** Starts one more process, described in a process file. */
  execOnConsole(id: string, processFile: string, files: ConsoleFiles): readonly [string, ...string[]] {
    const console = ["--console-socket", files.consoleSocket, "--pid-file", files.pidFile];
    return this.#launched(this.#sealedPath, ["exec", "--detach", ...console, "--process", processFile, id]);
  }

  /** Runs the container of a bundle to its end; see launch.cc. What the runtime has to say goes to `logFile`. */
  runToEnd(id: string, bundle: string, pidFile: string, logFile: string): LaunchCommand {
    const detached = ["run", "--detach", "--pid-file", pidFile, "--bundle", bundle, id];
    const program = this.#sealed === null ? [] : ["--program", String(PROGRAM_DESCRIPTOR)];
    const [file, ...args] = this.#launched(
      ["--reap", pidFile, ...program],
      ["--log", logFile, "--log-format", "json", ...detached],
    );
    return { file, args, descriptors: this.#sealed === null ? [] : [this.#sealed] };
  }

  /** Lets the main process of a created container run. */
  async start(id: string): Promise<void> {
    await this.#tell("start", id);
  }

  /** Idempotent, as crun is and runc is not. */
  async pause(id: string): Promise<void> {
    await this.#tell("pause", id, /not running/);
  }

  /** Idempotent, as crun is and runc is not. */
  async resume(id: string): Promise<void> {
    await this.#tell("resume", id, /not paused/);
  }

  /** Kills the container, if any, and makes the runtime forget it. Idempotent. */
  async delete(id: string): Promise<void> {
    try {
      await runProgram(this.#launched([], ["delete", "--force", id]), { timeoutMs: DELETE_TIMEOUT_MS });
    } catch (cause) {
      if (cause instanceof ProgramError && /does not exist|No such file/i.test(cause.stderr)) return;
      throw new SlipwayError("runtime-failed", `The container ${id} could not be deleted.`, { cause });
    }
  }

  /** For command lines that somebody else runs, who has no descriptors of this process. */
  get #sealedPath(): readonly string[] {
    return this.#sealed === null ? [] : ["--program", `/proc/${process.pid}/fd/${this.#sealed}`];
  }

  /** Straight from the sealed copy: no other mounts, no control groups are looked at. */
  async #tell(what: string, id: string, settled?: RegExp): Promise<void> {
    const args = ["--root", this.stateDirectory, what, id];
    const command =
      this.#sealed === null
        ? { file: this.#file, args, descriptors: [] }
        : { file: `/proc/self/fd/${OWN_DESCRIPTOR}`, args, descriptors: [this.#sealed] };
    const { exitCode, said } = await runBriefly(command, TELL_TIMEOUT_MS);
    if (exitCode === 0 || settled?.test(said)) return;
    const reason = said.trim() || `${this.name} ${what} exited with ${exitCode}`;
    throw new SlipwayError("runtime-failed", `The OCI runtime failed: ${reason}`, { params: { reason } });
  }

  #launched(launchOptions: readonly string[], command: readonly string[]): readonly [string, ...string[]] {
    const manager = this.name === "crun" ? ["--cgroup-manager", "cgroupfs"] : [];
    const program = [this.name, "--root", this.stateDirectory, ...manager, ...command];
    return [launchPath(), ...this.#hidden, ...launchOptions, "--", ...program];
  }
}

/** The copy is held for as long as this process lives: a container's start need not read the program again. */
async function findProgram(name: string): Promise<{ file: string; sealed: number | null }> {
  for (const directory of (process.env.PATH ?? "").split(path.delimiter)) {
    const file = path.join(directory, name);
    const head = await firstBytes(file, ELF_MAGIC.byteLength).catch(() => null);
    if (head !== null) return { file, sealed: head.equals(ELF_MAGIC) ? sealedCopy(file) : null };
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
