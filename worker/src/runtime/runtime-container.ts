import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { removeTree } from "@slipway/native";
import { SlipwayError } from "@slipway/protocol";
import type { Cgroups } from "../cgroup/cgroup.ts";
import type { Bundle, ContainerRecord } from "./bundle.ts";
import { isSentry } from "./gvisor.ts";
import { configText } from "./process-limits.ts";
import type { ConsoleFiles, Container, ContainerLimits, KeptFiles, ProcessSpec } from "./runtime.ts";
import { processConfig } from "./runtime-config.ts";
import type { RunningAs, RuntimeProgram } from "./runtime-program.ts";
import { signalNumber } from "./signals.ts";

/** A container that a bundle and, once it runs, a state of the runtime describe. */
export class RuntimeContainer implements Container {
  readonly id: string;
  readonly #program: RuntimeProgram;
  readonly #bundle: Bundle;
  readonly #cgroups: Cgroups;
  /** Null for what was left before its first file was whole: it can only be removed. */
  readonly #record: ContainerRecord | null;

  constructor(
    id: string,
    program: RuntimeProgram,
    bundle: Bundle,
    cgroups: Cgroups,
    record: ContainerRecord | null,
  ) {
    this.id = id;
    this.#program = program;
    this.#bundle = bundle;
    this.#cgroups = cgroups;
    this.#record = record;
  }

  get #as(): RunningAs {
    return { id: this.id, owner: this.#record?.owner ?? 0 };
  }

  runCommand(files: ConsoleFiles): readonly string[] {
    return this.#program.runOnConsole(this.#as, this.#bundle.directory, files);
  }

  createCommand(files: ConsoleFiles): readonly string[] {
    return this.#program.createOnConsole(this.#as, this.#bundle.directory, files);
  }

  async start(): Promise<void> {
    await this.#program.start(this.#as);
  }

  async execCommand(process: ProcessSpec, files: ConsoleFiles): Promise<readonly string[]> {
    const processFile = await this.#writeProcess(process, files.pidFile, true);
    return this.#program.execOnConsole(this.#as, processFile, files);
  }

  async #writeProcess(process: ProcessSpec, pidFile: string, terminal: boolean): Promise<string> {
    if (this.#record === null) throw new SlipwayError("internal", `The container ${this.id} is not whole.`);
    const { openFiles, capabilities } = this.#record;
    const ofOpenFiles = { name: "nofile", soft: openFiles, hard: openFiles } as const;
    const processLimits = this.#record.processLimits ?? [ofOpenFiles];
    // Named after the process' own file, so that it is one per process and doesn't grow with repetitions.
    const name = path.basename(path.dirname(pidFile)).replace(/[^A-Za-z0-9-]/g, "_");
    const processFile = this.#bundle.file(`process-${name}.json`);
    const config = processConfig(process, processLimits, terminal, capabilities);
    await writeFile(processFile, configText(config), { mode: 0o600 });
    return processFile;
  }

  keptCommand(files: KeptFiles): readonly string[] {
    return this.#program.runKept(this.#as, this.#bundle.directory, files);
  }

  async keptExecCommand(process: ProcessSpec, files: KeptFiles): Promise<readonly string[]> {
    const processFile = await this.#writeProcess(process, files.pidFile, files.consoleSocket !== null);
    return this.#program.execKept(this.#as, processFile, files);
  }

  async writeHosts(content: string): Promise<void> {
    // In place: it is mounted.
    await writeFile(this.#bundle.file("hosts"), content);
  }

  get rootfs(): string {
    return this.#bundle.rootfs;
  }

  get cgroup(): string | null {
    return this.#record?.cgroup ?? null;
  }

  /** The process of the container's control group that is pid 1 in its own pid namespace, or that plays its kernel. */
  async pid(): Promise<number | null> {
    if (this.#record === null) return null;
    for (const pid of await this.#cgroups.pids(this.#record.cgroup)) {
      if (await this.#isMain(pid)) return pid;
    }
    return null;
  }

  get #isMain(): (pid: number) => Promise<boolean> {
    return this.#program.name === "runsc" ? isSentry : isMainProcess;
  }

  async kill(signal: string): Promise<void> {
    const number = signalNumber(signal);
    const pid = await this.pid();
    if (pid === null) return;
    if (this.#program.name === "runsc") return await this.#program.kill(this.#as, number);
    try {
      process.kill(pid, number);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
    }
  }

  async pause(): Promise<void> {
    await this.#program.pause(this.#as);
  }

  async resume(): Promise<void> {
    await this.#program.resume(this.#as);
  }

  async update(limits: ContainerLimits): Promise<void> {
    await this.#program.update(this.#as, limits);
  }

  async outOfMemory(): Promise<boolean> {
    return this.#record !== null && (await this.#cgroups.oomKills(this.#record.cgroup)) > 0;
  }

  async remove(): Promise<void> {
    // With its group all of its processes are gone: what the runtime would still delete is its state directory.
    if (this.#record !== null) await this.#cgroups.removePath(this.#record.cgroup);
    else await this.#program.delete(this.#as);
    await this.removeFiles();
  }

  /** Removes what is left of a container that has ended, but for its group. The bundle goes last: it is the record. */
  async removeFiles(): Promise<void> {
    await Promise.all([this.#bundle.unmount(), removeTree(path.join(this.#program.stateDirectory, this.id))]);
    await this.#bundle.remove();
  }
}

/** `NSpid` of proc_pid_status(5) lists the pid in each namespace, the innermost last. */
async function isMainProcess(pid: number): Promise<boolean> {
  try {
    const status = await readFile(`/proc/${pid}/status`, "utf8");
    const pids = /^NSpid:\s*(.*)$/m.exec(status)?.[1]?.split(/\s+/) ?? [];
    const isZombie = /^State:\s*Z/m.test(status);
    return pids.length > 1 && pids.at(-1) === "1" && !isZombie;
  } catch {
    return false; // it has ended meanwhile
  }
}
