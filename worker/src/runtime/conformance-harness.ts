import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { expect } from "vitest";
import type { Cgroups } from "../cgroup/cgroup.ts";
import { openCgroups } from "../cgroup/open.ts";
import { removeTestBase, TEST_CGROUP_BASE } from "../cgroup/test-base.ts";
import { LINUX, type RuntimeTraits } from "./conformance-traits.ts";
import type { ContainerSpec, Runtime } from "./runtime.ts";
import { testRootfs } from "./test-rootfs.ts";

const MIB = 1024 * 1024;
const RUN_TIMEOUT_MS = 60_000;

export const TEST_IDS = { firstHostId: 1_900_000_000, size: 65_536 };
export const execute = promisify(execFile);

export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

/** Control groups of this machine. Others come and go meanwhile, which find(1) takes for a failure. */
async function groups(...which: string[]): Promise<string> {
  const search = execute("find", ["/sys/fs/cgroup", "-type", "d", ...which]);
  return (await search.catch((failure: { stdout: string }) => failure)).stdout;
}

/** Opens the runtime under test: its bundles in `<directory>/containers`, its state in `<directory>/state`. */
export type OpenRuntime = (directory: string, cgroups: Cgroups) => Promise<Runtime>;

/** A runtime with a directory and a cgroup of its own, and a fresh upper for each test. */
export class RuntimeHarness {
  readonly group = `${process.pid}-${Math.random().toString(36).slice(2, 8)}`;
  readonly traits: RuntimeTraits;
  readonly #open: OpenRuntime;
  #opened: { home: string; cgroups: Cgroups; runtime: Runtime } | undefined;
  #containers = 0;

  constructor(open: OpenRuntime, traits = LINUX) {
    this.#open = open;
    this.traits = traits;
  }

  get home(): string {
    return this.#parts.home;
  }
  get runtime(): Runtime {
    return this.#parts.runtime;
  }
  get upper(): string {
    return path.join(this.home, "disk/upper");
  }

  async open(): Promise<void> {
    const cgroups = await openCgroups(TEST_CGROUP_BASE);
    const home = await mkdtemp(path.join(tmpdir(), "slipway-runtime-"));
    // The container's root, who is somebody else on the host, must reach its root file system.
    await execute("chmod", ["755", home]);
    this.#opened = { home, cgroups, runtime: await this.#open(home, cgroups) };
  }

  async beforeEach(): Promise<void> {
    this.#containers += 1;
    await this.#parts.cgroups.create(this.group, { memoryBytes: 128 * MIB, cpus: 1, pids: 200 });
    await mkdir(this.upper, { recursive: true });
    await mkdir(path.join(this.home, "disk/work"));
  }

  async afterEach(): Promise<void> {
    for (const id of await this.runtime.list()) await (await this.runtime.adopt(id))?.remove();
    await this.#parts.cgroups.remove(this.group);
    expect(await groups("-name", this.group)).toBe("");
    await rm(path.join(this.home, "disk"), { recursive: true });
  }

  async close(): Promise<void> {
    await rm(this.home, { recursive: true, force: true });
    await removeTestBase();
  }

  spec(args: readonly string[], changes: Partial<ContainerSpec> = {}): ContainerSpec {
    return {
      id: `test-${this.group}-${this.#containers}`,
      rootfs: { lowers: [testRootfs()], upper: this.upper, work: path.join(this.home, "disk/work") },
      process: {
        args,
        env: ["PATH=/bin", "TERM=xterm"],
        cwd: "/",
        user: { uid: 0, gid: 0, additionalGids: [] },
      },
      hostname: "box",
      ids: TEST_IDS,
      networkNamespace: null,
      hostsFile: "127.0.0.1 localhost\n",
      resolvConf: "nameserver 192.0.2.1\n",
      cgroupParent: this.#parts.cgroups.path(this.group),
      limits: { memoryBytes: 64 * MIB, cpus: 1, pids: 64, openFiles: 256 },
      ...changes,
    };
  }

  /** Runs a shell script as a build step would. */
  async shell(script: string, changes: Partial<ContainerSpec> = {}): Promise<Outcome> {
    return await this.run(this.spec(["sh", "-c", script], changes));
  }

  async run(spec: ContainerSpec, signal = AbortSignal.timeout(RUN_TIMEOUT_MS)): Promise<Outcome> {
    const outcome = { code: -1, stdout: "", stderr: "" };
    const output = {
      stdout: (chunk: Uint8Array) => {
        outcome.stdout += Buffer.from(chunk).toString();
      },
      stderr: (chunk: Uint8Array) => {
        outcome.stderr += Buffer.from(chunk).toString();
      },
    };
    outcome.code = await this.runtime.run(spec, output, signal);
    return outcome;
  }

  /** Host pids of everything that runs in the test's cgroup. */
  async pids(): Promise<number[]> {
    return await this.#parts.cgroups.pids(this.#parts.cgroups.path(this.group));
  }

  async expectNothingLeft(): Promise<void> {
    expect(await this.runtime.list()).toEqual([]);
    expect(await readFile("/proc/self/mountinfo", "utf8")).not.toContain(this.home);
    expect(await this.pids()).toEqual([]);
    // An empty group may wait below its parent for the next run, and goes with the parent.
    expect(await groups("-path", `*/${this.group}/*`, "-not", "-name", "run-0")).toBe("");
  }

  get #parts(): { home: string; cgroups: Cgroups; runtime: Runtime } {
    if (this.#opened === undefined) throw new Error("The harness is not open.");
    return this.#opened;
  }
}
