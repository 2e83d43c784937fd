import type { KeptProcess } from "../../keeper/keeper.ts";
import type { ContainerNetwork } from "../../network/network.ts";
import type { Container, ContainerLimits, ProcessSpec } from "../../runtime/runtime.ts";
import { resolveUser } from "../../runtime/user.ts";
import { makeMountPoints } from "../mount-points.ts";
import type { SessionParts } from "../parts.ts";
import type { HostGround } from "../session-host.ts";
import { makeFiles } from "./container-ground.ts";
import { keeperId, shortId } from "./container-ids.ts";
import { initArgs, initMount } from "./container-init.ts";
import { makeMounts, removeMounts } from "./container-mounts.ts";
import type { ContainerOrder } from "./container-order.ts";
import type { ContainerRecord } from "./container-records.ts";

/** What of a container exists while it runs. */
export interface RunningContainer {
  readonly container: Container;
  readonly process: KeptProcess;
  /** What execs begin with. */
  readonly spec: ProcessSpec;
}

/** Where a container's processes are in the network. */
export interface Placement {
  /** Null: nowhere. */
  readonly namespacePath: string | null;
  readonly address: string | null;
  readonly resolvConf: string;
}

/** Makes a container and starts its main process. What a failure leaves is removed by `clearAway`. */
export async function startContainer(
  parts: SessionParts,
  host: HostGround,
  { id, order }: ContainerRecord,
  placement: Placement,
  awaited: number,
): Promise<RunningContainer> {
  const [files, lowers] = await Promise.all([makeFiles(host.disk, id), lowersOf(parts, order)]);
  const asked = await makeMounts(parts.directory, host, id, order.mounts, lowers);
  const mounts = order.init ? [...asked, await initMount(parts.directory, id)] : asked;
  const rootLowers = [...lowers, makeMountPoints(parts.directory)];
  const spec = await processOf(order, [files.upper, ...lowers]);
  const container = await parts.runtime.create({
    id,
    rootfs: { lowers: rootLowers, upper: files.upper, work: files.work },
    process: spec,
    hostname: order.hostname,
    ids: host.ids,
    networkNamespace: placement.namespacePath,
    hostsFile: hostsFile(order, placement),
    resolvConf: resolvConf(order, placement),
    cgroupParent: parts.cgroups.path(host.place.name),
    limits: limitsOf(order, host),
    processLimits: order.processLimits.map(({ name, soft, hard }) => ({
      name,
      soft: soft ?? Number.POSITIVE_INFINITY,
      hard: hard ?? Number.POSITIVE_INFINITY,
    })),
    mounts,
    terminal: order.tty,
    readOnly: order.readOnlyRoot,
    capabilities: order.capabilities,
    shmBytes: order.shmBytes,
  });
  const process = await parts.keepers.start(keeperId(id), {
    command: (kept) => container.keptCommand(kept),
    tty: order.tty,
    stdin: order.stdin.open,
    size: order.size,
    owner: { uid: host.ids.firstHostId + spec.user.uid, gid: host.ids.firstHostId + spec.user.gid },
    log: order.logBytes === null ? null : { path: files.log, mostBytes: order.logBytes },
    awaited,
  });
  return { container, process, spec };
}

/** Takes away all that runs or is mounted of a container; its files and its log stay. Idempotent. */
export async function clearAway(parts: SessionParts, id: string): Promise<void> {
  await (await parts.runtime.adopt(id))?.remove();
  await parts.keepers.remove(keeperId(id));
  await removeMounts(parts.directory, id);
}

/** Directories of the image, the topmost first. */
export async function lowersOf(parts: SessionParts, { image }: ContainerOrder): Promise<string[]> {
  const found = await parts.images.get(image.digest);
  if (!found || found.snapshot === null) return [];
  return await parts.snapshotter.layers(found.snapshot);
}

async function processOf(order: ContainerOrder, layers: readonly string[]): Promise<ProcessSpec> {
  const user = await resolveUser(layers, order.user);
  return {
    args: order.init ? initArgs(order.args) : order.args,
    env: withHome(order.env, user.home),
    cwd: order.workingDirectory || "/",
    user,
  };
}

export const withHome = (env: readonly string[], home: string): string[] =>
  env.some((entry) => entry.startsWith("HOME=")) ? [...env] : [...env, `HOME=${home}`];

/** The limits of a container, which are never above those of its session. */
export function limitsOf(
  { limits }: Pick<ContainerOrder, "limits">,
  { request }: Pick<HostGround, "request">,
): ContainerLimits {
  const { memoryBytes, cpus, cpuShares, pids, openFiles } = limits;
  return {
    ...(memoryBytes === null ? {} : { memoryBytes: Math.min(memoryBytes, request.limits.memoryBytes) }),
    ...(cpus === null ? {} : { cpus: Math.min(cpus, request.limits.cpus) }),
    ...(cpuShares === null ? {} : { cpuShares }),
    ...(pids === null ? {} : { pids: Math.min(pids, request.limits.pids) }),
    openFiles: Math.min(openFiles ?? request.limits.openFiles, request.limits.openFiles),
  };
}

function hostsFile({ hostname, extraHosts }: ContainerOrder, { address }: Placement): string {
  const own = address === null ? [] : [`${address}\t${hostname}`];
  const extra = extraHosts.map(({ name, address: of }) => `${of}\t${name}`);
  return ["127.0.0.1\tlocalhost", "::1\tlocalhost ip6-localhost ip6-loopback", ...extra, ...own, ""].join(
    "\n",
  );
}

function resolvConf({ dns, dnsSearch }: ContainerOrder, placement: Placement): string {
  const servers =
    dns.length > 0 ? dns.map((server) => `nameserver ${server}\n`).join("") : placement.resolvConf;
  return dnsSearch.length > 0 ? `search ${dnsSearch.join(" ")}\n${servers}` : servers;
}

/** By which others on the bridge find a container. */
export function namesOf({ id, name, order }: ContainerRecord): string[] {
  const aliases = Object.values(order.networks).flatMap((joined) => joined.aliases);
  return [...new Set([name, shortId(id), order.hostname, ...aliases])];
}

/** Finds the network for a start; `attach` puts the container on the bridge. */
export async function place(
  host: HostGround,
  record: ContainerRecord,
  ways: {
    readonly attach: (names: readonly string[]) => Promise<ContainerNetwork>;
    readonly namespaceOf: (container: string) => Promise<string>;
  },
): Promise<Placement> {
  const { network } = host;
  const { order } = record;
  switch (order.network.kind) {
    case "none":
      return { namespacePath: null, address: null, resolvConf: "" };
    case "host":
      return { namespacePath: network.namespacePath, address: null, resolvConf: network.resolvConf };
    case "container": {
      const namespacePath = await ways.namespaceOf(order.network.container);
      return { namespacePath, address: null, resolvConf: network.resolvConf };
    }
    case "bridge": {
      return await ways.attach(namesOf(record));
    }
  }
}
