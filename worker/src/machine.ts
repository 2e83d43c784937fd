import { mkdir } from "node:fs/promises";
import path from "node:path";
import { keeperPath, shimPath } from "@slipway/native";
import type { Logger } from "pino";
import type { Cgroups } from "./cgroup/cgroup.ts";
import { openCgroups } from "./cgroup/open.ts";
import { openContentStore } from "./content/directory-content-store.ts";
import { LoopDisks } from "./disk/loop-disks.ts";
import type { WorkerEnv } from "./env.ts";
import type { Collected } from "./image-store/image-store.ts";
import { openImageStore } from "./image-store/oci-image-store.ts";
import { defaultStoreLimit } from "./image-store/store-limit.ts";
import { KeeperProcesses } from "./keeper/keeper-processes.ts";
import { HostNetwork } from "./network/host-network.ts";
import { packageSources } from "./network/package-sources.ts";
import { holdName } from "./process/hold-name.ts";
import { chooseRuntime } from "./runtime/choose-runtime.ts";
import { IdRanges } from "./runtime/id-ranges.ts";
import { OciRuntime } from "./runtime/oci-runtime.ts";
import { onceABoot } from "./runtime/once-a-boot.ts";
import { preflight } from "./runtime/preflight.ts";
import { raiseHostLimits } from "./session/limits/host-limits.ts";
import { openKernelLog } from "./session/limits/kernel-log.ts";
import { ScheduledLimitWatcher } from "./session/limits/scheduled-limit-watcher.ts";
import type { SessionParts } from "./session/parts.ts";
import { OverlaySnapshotter } from "./snapshot/overlay-snapshotter.ts";
import { ShimTerminals } from "./terminal/shim-terminals.ts";

interface RuntimeParts {
  readonly directory: string;
  readonly stateDirectory: string;
  readonly preflightDirectory: string;
  /** Remembers what has been tried since the machine started. */
  readonly triedDirectory: string;
  readonly cgroups: Cgroups;
  readonly ids: IdRanges;
}

/** Tried on this machine with a container that runs. */
async function openRuntime(env: WorkerEnv, log: Logger, parts: RuntimeParts) {
  const { cgroups, ids } = parts;
  const { runtime, passedOver } = await chooseRuntime(env.SLIPWAY_RUNTIME, async (program) => {
    const { directory, stateDirectory } = parts;
    const opened = await OciRuntime.open({ program, directory, stateDirectory, cgroups });
    const subject = `${program} ${opened.version} ${parts.preflightDirectory} ${ids.range(0).firstHostId}`;
    await onceABoot(path.join(parts.triedDirectory, program), subject, () =>
      preflight({ cgroups, runtime: opened, directory: parts.preflightDirectory, ids: ids.range(0) }),
    );
    return opened;
  });
  for (const { name: other, error } of passedOver)
    log.warn({ err: error }, `${other} can't be used here, ${runtime.name} is`);
  return runtime;
}

async function openStores(env: WorkerEnv, log: Logger, inside: (part: string) => string) {
  const content = await openContentStore(inside("content"));
  const snapshotter = await OverlaySnapshotter.open(inside("snapshots"));
  const images = await openImageStore({
    directory: inside("content"),
    content,
    snapshotter,
    mountDirectory: inside("mounts"),
    limitBytes: env.SLIPWAY_IMAGE_STORE_BYTES ?? (await defaultStoreLimit(env.SLIPWAY_WORKER_DIR)),
    onCollected: (result) => logCollected(log, result),
  });
  return { content, snapshotter, images };
}

async function openNetwork(env: WorkerEnv, log: Logger, name: string): Promise<HostNetwork> {
  return await HostNetwork.start({
    pool: env.SLIPWAY_ADDRESS_POOL,
    names: { table: name, namespacePrefix: `${name}-`, interfacePrefix: `sw${env.SLIPWAY_INSTANCE}-` },
    opened: env.SLIPWAY_OPENED_ADDRESSES,
    packageHosts: env.SLIPWAY_PACKAGE_HOSTS ?? (await packageSources()),
    warn: (sentence) => log.warn(sentence),
  });
}

/** The lower half: everything that touches the kernel and the disk. */
export async function openMachine(env: WorkerEnv, log: Logger) {
  const name = `slipway${env.SLIPWAY_INSTANCE}`;
  const volatileDirectory = `/run/${name}`;
  await holdName(`${name}-worker`);
  const inside = (part: string) => path.join(env.SLIPWAY_WORKER_DIR, part);
  await mkdir(env.SLIPWAY_WORKER_DIR, { recursive: true, mode: 0o711 });
  await mkdir(inside("terminals"), { recursive: true, mode: 0o700 });
  const cgroups = await openCgroups(`/${name}`);
  const ids = new IdRanges(env.SLIPWAY_ID_RANGE_START);
  // Side by side: terminals of sessions that live on wait for all of it.
  const [runtime, { content, snapshotter, images }, network] = await Promise.all([
    openRuntime(env, log, {
      directory: inside("containers"),
      stateDirectory: path.join(volatileDirectory, "runtime"),
      preflightDirectory: inside("preflight"),
      triedDirectory: path.join(volatileDirectory, "tried"),
      cgroups,
      ids,
    }),
    openStores(env, log, inside),
    openNetwork(env, log, name),
    raiseHostLimits(log),
  ]);
  const terminals = new ShimTerminals({ directory: inside("terminals"), program: shimPath() });
  const keepers = new KeeperProcesses({ directory: inside("keepers"), program: keeperPath() });
  const disks = await LoopDisks.open(inside("disks"));
  const limits = new ScheduledLimitWatcher({
    cgroups,
    kernelLog: openKernelLog(),
    failed: ({ id }, error) => log.warn({ err: error, sessionId: id }, "a limit could not be looked at"),
  });
  const directory = env.SLIPWAY_WORKER_DIR;
  const parts = {
    directory,
    images,
    content,
    snapshotter,
    disks,
    network,
    runtime,
    cgroups,
    terminals,
    keepers,
    ids,
    limits,
    log,
  };
  return { parts: parts satisfies SessionParts, network, terminals, content, inside, volatileDirectory };
}

export type Machine = Awaited<ReturnType<typeof openMachine>>;

export function logCollected(log: Logger, result: Collected | Error): void {
  if (result instanceof Error) log.error({ err: result }, "collecting in the image store failed");
  else if (result.freedBytes > 0) log.info({ collected: result }, "removed from the image store");
}
