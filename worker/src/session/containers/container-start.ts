import type { KeptProcess } from "../../keeper/keeper.ts";
import type { Container, ContainerLimits, ProcessSpec } from "../../runtime/runtime.ts";
import { resolveUser } from "../../runtime/user.ts";
import { makeMountPoints } from "../mount-points.ts";
import type { SessionParts } from "../parts.ts";
import type { HostGround } from "../session-host.ts";
import { makeFiles } from "./container-ground.ts";
import { keeperId } from "./container-ids.ts";
import { initArgs, initMount } from "./container-init.ts";
import { linkedEnv, linkedHosts, withLinkedEnv } from "./container-links.ts";
import { makeMounts, removeMounts } from "./container-mounts.ts";
import type { ContainerOrder } from "./container-order.ts";
import type { Placement } from "./container-place.ts";
import type { ContainerRecord } from "./container-records.ts";

/** What of a container exists while it runs. */
export interface RunningContainer {
  readonly container: Container;
  readonly process: KeptProcess;
  /** What execs begin with. */
  readonly spec: ProcessSpec;
}

/** Makes a container and starts its main process. What a failure leaves is removed by `clearAway`. */
export async function startContainer(
  parts: SessionParts,
  host: HostGround,
  record: ContainerRecord,
  placement: Placement,
  awaited: number,
): Promise<RunningContainer> {
  const { id, order } = record;
  const [files, lowers] = await Promise.all([makeFiles(host.disk, id), lowersOf(parts, order)]);
  const asked = await makeMounts(parts.directory, host, id, order.mounts, lowers);
  const mounts = order.init ? [...asked, await initMount(parts.directory, id)] : asked;
  const rootLowers = [...lowers, makeMountPoints(parts.directory)];
  const spec = await processOf(record, placement, [files.upper, ...lowers]);
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

async function processOf(
  { name, order }: ContainerRecord,
  { linked }: Placement,
  layers: readonly string[],
): Promise<ProcessSpec> {
  const user = await resolveUser(layers, order.user, order.groups);
  return {
    args: order.init ? initArgs(order.args) : order.args,
    env: withHome(withLinkedEnv(order.env, linkedEnv(name, linked)), user.home),
    cwd: order.workingDirectory || "/",
    user,
  };
}

export const withHome = (env: readonly string[], home: string): string[] =>
  env.some((entry) => entry.startsWith("HOME=")) ? [...env] : [...env, `HOME=${home}`];

/** The kernel gives no group less than this. */
const LEAST_CPUS = 0.01;

/** The limits of a container, which are never above those of its session. */
export function limitsOf(
  { limits }: Pick<ContainerOrder, "limits">,
  { request }: Pick<HostGround, "request">,
): ContainerLimits {
  const { memoryBytes, cpus, cpuShares, pids, openFiles } = limits;
  return {
    ...(memoryBytes === null ? {} : { memoryBytes: Math.min(memoryBytes, request.limits.memoryBytes) }),
    ...(cpus === null ? {} : { cpus: Math.min(Math.max(cpus, LEAST_CPUS), request.limits.cpus) }),
    ...(cpuShares === null ? {} : { cpuShares }),
    ...(pids === null ? {} : { pids: Math.min(pids, request.limits.pids) }),
    openFiles: Math.min(openFiles ?? request.limits.openFiles, request.limits.openFiles),
  };
}

/** Content of /etc/hosts. */
export function hostsFile({ hostname, extraHosts }: ContainerOrder, { ends, linked }: Placement): string {
  const own = Object.values(ends).map((address) => `${address}\t${hostname}`);
  const extra = extraHosts.map(({ name, address: of }) => `${of}\t${name}`);
  const loopback = ["127.0.0.1\tlocalhost", "::1\tlocalhost ip6-localhost ip6-loopback"];
  return [...loopback, ...extra, ...linkedHosts(linked), ...own, ""].join("\n");
}

function resolvConf({ dns, dnsSearch }: ContainerOrder, placement: Placement): string {
  const servers =
    dns.length > 0 ? dns.map((server) => `nameserver ${server}\n`).join("") : placement.resolvConf;
  return dnsSearch.length > 0 ? `search ${dnsSearch.join(" ")}\n${servers}` : servers;
}
