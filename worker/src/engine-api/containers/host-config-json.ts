import type { SessionContainer } from "../../session/containers/session-container.ts";
import type { SessionHost } from "../../session/session-host.ts";
import type { CreateBody, HostConfigBody } from "./create-body.ts";
import { withProtocol } from "./ordered-container.ts";

const NANO = 1e9;

/** `HostConfig.NetworkMode`. */
export const networkModeText = ({ record }: SessionContainer): string => {
  const { network, asked } = record.order;
  if (network.kind === "container") return `container:${network.container}`;
  if (network.kind !== "bridge") return network.kind;
  return (asked as CreateBody).HostConfig?.NetworkMode || "default";
};

/** What Docker says where nothing was asked (moby, api/types/container, HostConfig). */
const HOST_DEFAULTS = {
  Binds: null,
  ContainerIDFile: "",
  VolumeDriver: "",
  VolumesFrom: null,
  ConsoleSize: [0, 0],
  CapAdd: null,
  CapDrop: null,
  CgroupnsMode: "private",
  Dns: [],
  DnsOptions: [],
  DnsSearch: [],
  ExtraHosts: null,
  GroupAdd: null,
  IpcMode: "private",
  Cgroup: "",
  OomScoreAdj: 0,
  PidMode: "",
  Privileged: false,
  PublishAllPorts: false,
  SecurityOpt: null,
  UTSMode: "",
  UsernsMode: "",
  Runtime: "runc",
  Isolation: "",
  CgroupParent: "",
  BlkioWeight: 0,
  BlkioWeightDevice: [],
  BlkioDeviceReadBps: [],
  BlkioDeviceWriteBps: [],
  BlkioDeviceReadIOps: [],
  BlkioDeviceWriteIOps: [],
  CpuPeriod: 0,
  CpuQuota: 0,
  CpuRealtimePeriod: 0,
  CpuRealtimeRuntime: 0,
  CpusetCpus: "",
  CpusetMems: "",
  Devices: [],
  DeviceCgroupRules: null,
  DeviceRequests: null,
  MemoryReservation: 0,
  MemorySwappiness: null,
  OomKillDisable: false,
  Ulimits: null,
  CpuCount: 0,
  CpuPercent: 0,
  IOMaximumIOps: 0,
  IOMaximumBandwidth: 0,
};

/** What was asked, over Docker's own defaults. */
export function hostConfigJson(container: SessionContainer, session: SessionHost): object {
  const { order } = container.record;
  const { limits } = order;
  const asked = (order.asked as CreateBody).HostConfig ?? {};
  return {
    ...HOST_DEFAULTS,
    LogConfig: {
      Type: order.logBytes === null ? "none" : "json-file",
      Config: asked.LogConfig?.Config ?? {},
    },
    ...Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== null && value !== undefined)),
    PortBindings: bindingsJson(asked),
    Links: linksJson(container, session),
    AutoRemove: order.autoRemove,
    ReadonlyRootfs: order.readOnlyRoot,
    ShmSize: order.shmBytes,
    NetworkMode: networkModeText(container),
    RestartPolicy: { Name: order.restart.name, MaximumRetryCount: order.restart.maximumRetries },
    Memory: limits.memoryBytes ?? 0,
    MemorySwap: limits.memoryBytes ?? 0,
    NanoCpus: asked.NanoCpus ? Math.round((limits.cpus ?? 0) * NANO) : 0,
    CpuShares: limits.cpuShares ?? 0,
    PidsLimit: limits.pids,
  };
}

const bindingsJson = ({ PortBindings }: HostConfigBody): object =>
  Object.fromEntries(Object.entries(PortBindings ?? {}).map(([port, list]) => [withProtocol(port), list]));

/** `/db:/web/alias` … of those that are still there. */
function linksJson({ name, record }: SessionContainer, { containers }: SessionHost): string[] | null {
  const links = record.order.links.flatMap(({ container, alias }) => {
    const to = containers.nameOf(container);
    return to === null ? [] : [`/${to}:/${name}/${alias}`];
  });
  return links.length === 0 ? null : links;
}
