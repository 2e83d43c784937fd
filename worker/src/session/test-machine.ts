import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { keeperPath, shimPath } from "@slipway/native";
import {
  type Digest,
  type LaunchRequest,
  type SessionReport,
  sessionIdSchema,
  terminalIdSchema,
} from "@slipway/protocol";
import { pino } from "pino";
import { openCgroups } from "../cgroup/open.ts";
import { openContentStore } from "../content/directory-content-store.ts";
import { LoopDisks } from "../disk/loop-disks.ts";
import { openImageStore } from "../image-store/oci-image-store.ts";
import { KeeperProcesses } from "../keeper/keeper-processes.ts";
import { diffUpper } from "../layer/diff.ts";
import { LAYER_LIMITS } from "../layer/layer.ts";
import { HostNetwork } from "../network/host-network.ts";
import { ownPool } from "../network/pool-fixture.ts";
import { MEDIA_TYPE_LAYER } from "../oci/image-spec.ts";
import { ownNumber } from "../process/test-lane-fixture.ts";
import { IdRanges } from "../runtime/id-ranges.ts";
import { OciRuntime } from "../runtime/oci-runtime.ts";
import { testRootfs } from "../runtime/test-rootfs.ts";
import { OverlaySnapshotter } from "../snapshot/overlay-snapshotter.ts";
import { ShimTerminals } from "../terminal/shim-terminals.ts";
import { raiseHostLimits } from "./limits/host-limits.ts";
import { openKernelLog } from "./limits/kernel-log.ts";
import { ScheduledLimitWatcher } from "./limits/scheduled-limit-watcher.ts";
import type { SessionParts } from "./parts.ts";
import { SessionRecords } from "./record.ts";
import type { Sessions } from "./session.ts";
import { createSessions } from "./sessions.ts";

const MIB = 1024 * 1024;
/** Several test runs go on beside each other: what the kernel has by name or number is each one's own. */
const OWN = ownNumber(36 ** 3);

/** Longest wait for a session to get where a test wants it. */
const WAIT_MS = 60_000;

export interface TestMachineOptions {
  /** Pool of the sessions' addresses. */
  readonly pool?: string;
  /** What the image store may take. */
  readonly storeBytes?: number;
  /** Tells apart machines of test runs; of the process unless given. */
  readonly own?: number;
}

/** Pools of machines' sessions: 256 with room for 32 sessions each. */
const POOLS = "100.64.0.0/12";
const POOL_BITS = 20;

const namesOf = (own: number) => ({
  table: `slipway-st${own}`,
  namespacePrefix: `slipwayst${own}-`,
  interfacePrefix: `x${own.toString(36).padStart(3, "0")}-`,
});

/**
 * A worker's lower half on the real kernel, for tests of sessions: everything lies below one temporary directory, under
 * names that no Slipway uses, and `dispose` takes all of it away.
 */
export class TestMachine {
  readonly directory: string;
  readonly parts: SessionParts;
  readonly reports: SessionReport[] = [];
  readonly network: HostNetwork;
  readonly terminals: ShimTerminals;
  /** See TestMachineOptions. */
  readonly own: number;
  #sequence = 0;

  private constructor(
    directory: string,
    own: number,
    parts: SessionParts & { readonly network: HostNetwork; readonly terminals: ShimTerminals },
  ) {
    this.directory = directory;
    this.own = own;
    this.parts = parts;
    this.network = parts.network;
    this.terminals = parts.terminals;
  }

  static async make(options: TestMachineOptions = {}): Promise<TestMachine> {
    const directory = await mkdtemp(path.join(tmpdir(), "slipway-session-"));
    // The root of a container, an unprivileged id here, has to reach its root file system.
    await chmod(directory, 0o711);
    return await TestMachine.at(directory, options);
  }

  /** The machine in a directory, as a worker process finds it that comes after another one. */
  static async at(
    directory: string,
    { own = OWN, pool, storeBytes }: TestMachineOptions = {},
  ): Promise<TestMachine> {
    const log = pino({ level: "silent" });
    await raiseHostLimits(log);
    const inside = (name: string) => path.join(directory, name);
    await Promise.all(["terminals", "mounts"].map((name) => mkdir(inside(name), { recursive: true })));
    const content = await openContentStore(inside("content"));
    const snapshotter = await OverlaySnapshotter.open(inside("snapshots"));
    const cgroups = await openCgroups(`/slipway-session-test-${own}`);
    const names = namesOf(own);
    const network = await HostNetwork.start({
      pool: pool ?? (await ownPool(names.table, POOLS, POOL_BITS, own)),
      names,
    });
    const images = await openImageStore({
      directory: inside("content"),
      content,
      snapshotter,
      mountDirectory: inside("mounts"),
      ...(storeBytes === undefined ? {} : { limitBytes: storeBytes }),
    });
    const runtime = await OciRuntime.open({
      program: "crun",
      directory: inside("containers"),
      stateDirectory: inside("state"),
      cgroups,
    });
    return new TestMachine(directory, own, {
      directory,
      images,
      content,
      snapshotter,
      disks: await LoopDisks.open(inside("disks")),
      network,
      runtime,
      cgroups,
      terminals: new ShimTerminals({ directory: inside("terminals"), program: shimPath() }),
      keepers: new KeeperProcesses({ directory: inside("keepers"), program: keeperPath() }),
      ids: new IdRanges(1_950_000_000),
      limits: new ScheduledLimitWatcher({ cgroups, kernelLog: openKernelLog(), failed: () => {} }),
      log,
    });
  }

  /** An image with this command, of busybox where nothing else is said. */
  async image(cmd: readonly string[], rootfs: string = testRootfs()): Promise<Digest> {
    return await this.labelledImage(cmd, {}, rootfs);
  }

  async labelledImage(
    cmd: readonly string[],
    labels: Readonly<Record<string, string>>,
    rootfs: string = testRootfs(),
  ): Promise<Digest> {
    const content = await openContentStore(path.join(this.directory, "content"));
    const layer = await diffUpper(rootfs, [], { content, limits: LAYER_LIMITS });
    if (!layer) throw new Error("the test root file system is empty");
    const { digest, sizeBytes } = layer;
    const image = await this.parts.images.create(
      {
        architecture: "amd64",
        os: "linux",
        config: {
          Cmd: [...cmd],
          Env: ["PATH=/bin"],
          ExposedPorts: { "9000/tcp": {} },
          Labels: { ...labels },
        },
        rootfs: { type: "layers", diff_ids: [digest] },
        history: [{ created_by: "test" }],
      },
      [{ digest, diffId: digest, sizeBytes, mediaType: MEDIA_TYPE_LAYER }],
    );
    return image.digest;
  }

  request(image: Digest, changes: Partial<LaunchRequest> = {}): LaunchRequest {
    this.#sequence += 1;
    const name = (letter: string) => `${letter}${process.pid}n${String(this.#sequence).padStart(6, "0")}`;
    return {
      sessionId: sessionIdSchema.parse(name("s")),
      image,
      limits: {
        memoryBytes: 64 * MIB,
        cpus: 1,
        pids: 64,
        diskBytes: 16 * MIB,
        openFiles: 256,
        networkBytesPerSecond: 10_000_000,
      },
      egress: "none",
      expiresAt: Date.now() + 60_000,
      start: "command",
      terminals: { main: terminalIdSchema.parse(name("m")), shell: terminalIdSchema.parse(name("h")) },
      size: { rows: 24, cols: 80 },
      ...changes,
    };
  }

  /** Sessions of a worker process; a second call plays the worker that comes after a kill. */
  async sessions(warmStarts = 0, maxSessions = 4): Promise<Sessions> {
    const records = await SessionRecords.open(path.join(this.directory, "sessions"));
    return createSessions({
      parts: this.parts,
      records,
      maxSessions,
      warmStarts,
      onReport: (report) => void this.reports.push(report),
    });
  }

  /** Waits until something is true. */
  async until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
    for (const deadline = Date.now() + WAIT_MS; Date.now() < deadline; ) {
      if (await isSo()) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`never: ${what}`);
  }

  /** The first report of a session that `fits`, past ones included. */
  async report(id: string, fits: (report: SessionReport) => boolean): Promise<SessionReport> {
    for (const deadline = Date.now() + WAIT_MS; Date.now() < deadline; ) {
      const found = this.reports.find((report) => report.sessionId === id && fits(report));
      if (found) return found;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`no such report; the last is ${JSON.stringify(this.reports.at(-1))}`);
  }

  /** What is left of all sessions on this machine: containers, networks, cgroups, and disks that nobody kept on purpose. */
  async leftOvers(): Promise<string[]> {
    const { runtime, network, disks, cgroups } = this.parts;
    const records = await SessionRecords.open(path.join(this.directory, "sessions"));
    const kept = (await records.readAll(() => {})).filter(({ report }) => report.filesKeptUntil !== null);
    const names = new Set(kept.map(({ place }) => place.name));
    const left = (await disks.list()).filter((name) => !names.has(name));
    return [left, ...(await Promise.all([runtime.list(), network.list(), cgroups.list()]))].flat();
  }

  /** Lets go of the machine, so that another process, or another one of these, can have it. */
  async letGo(): Promise<void> {
    this.network.close();
    await this.terminals.release();
  }

  async dispose(): Promise<void> {
    for (const id of await this.parts.terminals.list()) await this.parts.terminals.remove(id);
    await this.network.removeAll();
    await this.parts.cgroups.removeAll();
    await rm(this.directory, { recursive: true, force: true });
  }
}
