import { mkdir, readdir, stat } from "node:fs/promises";
import path from "node:path";
import { NativeError, removeTree } from "@slipway/native";
import { SlipwayError } from "@slipway/protocol";
import type { Cgroups } from "../cgroup/cgroup.ts";
import { Bundle } from "./bundle.ts";
import { CAPABILITIES } from "./capabilities.ts";
import { CompiledSeccomp } from "./compiled-seccomp.ts";
import { ownTmp } from "./gvisor.ts";
import { missingMountPoints, removeStubs } from "./mount-stubs.ts";
import { type MostLimits, ownLimits, withinLimits } from "./process-limits.ts";
import { RunGroups } from "./run-groups.ts";
import { runToEnd } from "./run-to-end.ts";
import type { Container, ContainerSpec, RunOutput, Runtime } from "./runtime.ts";
import { runtimeConfig } from "./runtime-config.ts";
import { RuntimeContainer } from "./runtime-container.ts";
import { type RuntimeName, RuntimeProgram } from "./runtime-program.ts";
import { readSeccomp, SECCOMP_PROFILE, type SeccompFilter } from "./seccomp.ts";

const ID_PATTERN = /^[a-z0-9][a-z0-9-]{0,63}$/;

export interface OciRuntimeOptions {
  /** A program on the PATH. */
  readonly program: RuntimeName;
  /** Where bundles are kept. */
  readonly directory: string;
  /** Where the runtime keeps its state; on a file system that a reboot empties. */
  readonly stateDirectory: string;
  readonly cgroups: Cgroups;
  readonly seccompProfile?: string;
}

/** Containers whose state is looked at for a compiled filter. */
const LOOKS_FOR_FILTER = 8;

/** Containers of crun, runc or runsc. */
export class OciRuntime implements Runtime {
  readonly name: string;
  readonly version: string;
  readonly hardened: boolean;
  readonly #program: RuntimeProgram;
  readonly #directory: string;
  readonly #cgroups: Cgroups;
  readonly #seccomp: SeccompFilter;
  readonly #mostLimits: MostLimits;
  readonly #compiled = new CompiledSeccomp();
  readonly #groups = new RunGroups();

  private constructor(
    program: RuntimeProgram,
    options: OciRuntimeOptions,
    seccomp: SeccompFilter,
    mostLimits: MostLimits,
  ) {
    this.name = program.name;
    this.version = program.version;
    this.hardened = program.name === "runsc";
    this.#program = program;
    this.#directory = options.directory;
    this.#cgroups = options.cgroups;
    this.#seccomp = seccomp;
    this.#mostLimits = mostLimits;
  }

  /**
   * Rejects with `runtime-missing` when the program or the seccomp profile is not there, with `runtime-failed` when
   * containers could not reach their directories.
   */
  static async open(options: OciRuntimeOptions): Promise<OciRuntime> {
    const program = await RuntimeProgram.open(options.program, options.stateDirectory, options.cgroups);
    const seccomp = await readSeccomp(options.seccompProfile ?? SECCOMP_PROFILE, CAPABILITIES);
    await mkdir(options.directory, { recursive: true, mode: 0o711 });
    await checkReachable(options.directory);
    await mkdir(options.stateDirectory, { recursive: true, mode: 0o700 });
    return new OciRuntime(program, options, seccomp, await ownLimits());
  }

  async run(spec: ContainerSpec, output: RunOutput, signal: AbortSignal): Promise<number> {
    signal.throwIfAborted();
    const moving = this.#cgroups.prepareMove();
    const group = this.#groups.take(spec.cgroupParent);
    try {
      return await this.#runInGroup(spec, group, output, signal);
    } finally {
      this.#groups.release(group);
      await moving;
    }
  }

  async #runInGroup(
    spec: ContainerSpec,
    group: string,
    output: RunOutput,
    signal: AbortSignal,
  ): Promise<number> {
    const { bundle, container } = await this.#prepare(spec, group, { terminal: false, volatile: true });
    let ended = false;
    try {
      const missing = missingMountPoints(
        bundle.rootfs,
        (spec.mounts ?? []).map(({ destination }) => destination),
      );
      const logFile = bundle.file("runtime.log");
      const command = this.#program.runToEnd(
        { id: spec.id, owner: spec.ids.firstHostId },
        bundle.directory,
        bundle.file("pid"),
        logFile,
      );
      const code = await runToEnd(command, { logFile, owner: hostIds(spec) }, output, signal);
      ended = true;
      removeStubs(bundle.rootfs, missing);
      await this.#compiled.learn(path.join(this.#program.stateDirectory, spec.id));
      return code;
    } finally {
      if (ended && !this.#cgroups.isInhabited(group)) await container.removeFiles();
      else await container.remove();
      // overlayfs refuses an upper that was mounted volatile before, until this mark is gone.
      await removeTree(path.join(spec.rootfs.work, "work/incompat"));
    }
  }

  async create(spec: ContainerSpec): Promise<Container> {
    const group = path.posix.join(spec.cgroupParent, spec.id);
    const terminal = spec.terminal ?? true;
    await this.#learnOfRunning();
    return (await this.#prepare(spec, group, { terminal, volatile: false })).container;
  }

  /** Where no step of a build has run yet, containers that run have the filter too. */
  async #learnOfRunning(): Promise<void> {
    if (this.#compiled.isKnown) return;
    const { stateDirectory } = this.#program;
    for (const id of (await readdir(stateDirectory)).slice(0, LOOKS_FOR_FILTER)) {
      await this.#compiled.learn(path.join(stateDirectory, id));
    }
  }

  async adopt(id: string): Promise<Container | null> {
    checkId(id);
    if (!(await this.list()).includes(id)) return null;
    const bundle = new Bundle(path.join(this.#directory, id));
    return new RuntimeContainer(id, this.#program, bundle, this.#cgroups, await bundle.record());
  }

  async list(): Promise<string[]> {
    const found = await Promise.all([readdir(this.#directory), readdir(this.#program.stateDirectory)]);
    return [...new Set(found.flat())].filter((id) => ID_PATTERN.test(id));
  }

  /** Bundle and mounts; all of it gone again when it rejects. */
  async #prepare(
    spec: ContainerSpec,
    cgroup: string,
    options: { terminal: boolean; volatile: boolean },
  ): Promise<{ bundle: Bundle; container: RuntimeContainer }> {
    checkId(spec.id);
    const asked = spec.processLimits ?? [];
    const processLimits = withinLimits(asked, spec.limits.openFiles, this.#mostLimits);
    const bundle = new Bundle(path.join(this.#directory, spec.id));
    const capabilities = spec.capabilities && [...spec.capabilities];
    const owner = spec.ids.firstHostId;
    const openFiles = Math.min(spec.limits.openFiles, this.#mostLimits.nofile);
    const record = { cgroup, openFiles, processLimits, owner, ...(capabilities && { capabilities }) };
    const config = runtimeConfig(spec, {
      bundle: bundle.directory,
      cgroup,
      seccomp: this.#seccomp,
      annotations: this.#compiled.annotations,
      limitsSwap: this.#cgroups.limitsSwap,
      limitsSockets: this.#cgroups.limitsSockets,
      processLimits,
      terminal: options.terminal,
      ownKernel: this.hardened,
      ownSysfs: spec.networkNamespace !== null && !this.hardened,
    });
    const container = new RuntimeContainer(spec.id, this.#program, bundle, this.#cgroups, record);
    try {
      await bundle.create(record, spec, config);
    } catch (error) {
      // Somebody else's container of this name stays.
      if (!(error instanceof NativeError && error.syscall === "mkdir")) await container.remove();
      throw error;
    }
    try {
      await bundle.mount(spec, options);
      if (this.hardened) await bundle.addMounts(config, ownTmp(bundle.rootfs));
    } catch (error) {
      await container.remove();
      throw error;
    }
    return { bundle, container };
  }
}

/** The container's root, somebody else on the host, looks up its root file system by path. */
async function checkReachable(directory: string): Promise<void> {
  for (let above = path.resolve(directory); above !== "/"; above = path.dirname(above)) {
    if (((await stat(above)).mode & 0o001) !== 0) continue;
    throw new SlipwayError(
      "runtime-failed",
      `Containers can't pass through ${above}: give it mode 0711 or 0755.`,
      {
        params: { reason: `mode of ${above}` },
      },
    );
  }
}

/** The ids of the container's process as the host sees them. */
function hostIds({ ids, process }: ContainerSpec): { uid: number; gid: number } {
  return { uid: ids.firstHostId + process.user.uid, gid: ids.firstHostId + process.user.gid };
}

function checkId(id: string): void {
  if (!ID_PATTERN.test(id)) throw new SlipwayError("internal", `Not the id of a container: ${id}`);
}
