import { volumeMountpoint } from "../../session/containers/container-ground.ts";
import type { ContainerOrder, HealthCheck, OrderedMount } from "../../session/containers/container-order.ts";
import type { ContainerState, PublishedPort } from "../../session/containers/container-state.ts";
import type { SessionContainer } from "../../session/containers/session-container.ts";
import type { SessionHost } from "../../session/session-host.ts";
import type { CreateBody } from "./create-body.ts";
import { networksJson } from "./endpoint-json.ts";
import { hostConfigJson, networkModeText } from "./host-config-json.ts";

/* Containers as `/containers/json` and `/containers/{id}/json` show them. */

const NEVER = "0001-01-01T00:00:00Z";
const MS_PER_S = 1_000;

const iso = (ms: number): string => new Date(ms).toISOString().replace(/Z$/, "000000Z");

/** `/containers/json`, one of them. */
export function summaryJson(container: SessionContainer, session: SessionHost): object {
  const { id, name, createdAt, order, state } = container.record;
  return {
    Id: id,
    Names: [`/${name}`],
    Image: order.image.reference,
    ImageID: order.image.imageId,
    Command: order.args.map((word) => (word.includes(" ") ? `'${word}'` : word)).join(" "),
    Created: Math.floor(createdAt / MS_PER_S),
    Ports: portsOf(container),
    Labels: order.labels,
    State: state.status === "starting" ? "created" : state.status,
    Status: statusText(container),
    HostConfig: { NetworkMode: networkModeText(container) },
    NetworkSettings: { Networks: networksJson(container, session) },
    Mounts: order.mounts.map(mountJson),
  };
}

/** `Up 5 minutes`, as Docker says it. */
export function statusText(container: SessionContainer, now = Date.now()): string {
  const { state } = container;
  switch (state.status) {
    case "created":
    case "starting":
      return "Created";
    case "running":
      return `Up ${duration(now - state.startedAt)}${healthText(container)}`;
    case "paused":
      return `Up ${duration(now - state.startedAt)} (Paused)`;
    case "restarting":
      return `Restarting (${state.exitCode}) ${duration(now - state.finishedAt)} ago`;
    case "exited":
      return state.error === ""
        ? `Exited (${state.exitCode}) ${duration(now - state.finishedAt)} ago`
        : "Created";
  }
}

function healthText({ health }: SessionContainer): string {
  if (health === null) return "";
  return health.status === "starting" ? " (health: starting)" : ` (${health.status})`;
}

/** go-units, HumanDuration. */
export function duration(ms: number): string {
  const seconds = Math.floor(ms / MS_PER_S);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.round(minutes / 60);
  if (seconds < 1) return "Less than a second";
  if (seconds === 1) return "1 second";
  if (seconds < 60) return `${seconds} seconds`;
  if (minutes === 1) return "About a minute";
  if (minutes < 60) return `${minutes} minutes`;
  if (hours === 1) return "About an hour";
  if (hours < 48) return `${hours} hours`;
  if (hours < 24 * 7 * 2) return `${Math.floor(hours / 24)} days`;
  return `${Math.floor(hours / 24 / 7)} weeks`;
}

const publishedOf = (state: ContainerState): readonly PublishedPort[] =>
  "ports" in state ? state.ports : [];

function portsOf({ record, state }: SessionContainer): object[] {
  const published = publishedOf(state);
  const shown = published.map(({ port, protocol, hostPort, hostAddress }) => ({
    IP: hostAddress,
    PrivatePort: port,
    PublicPort: hostPort,
    Type: protocol,
  }));
  if (!("ports" in state) || record.order.network.kind !== "bridge") return shown;
  const others = record.order.exposedPorts
    .map((text) => text.split("/"))
    .map(([port, type]) => ({ PrivatePort: Number(port), Type: type ?? "tcp" }))
    .filter(
      ({ PrivatePort, Type }) =>
        Number.isInteger(PrivatePort) &&
        !published.some(({ port, protocol }) => port === PrivatePort && protocol === Type),
    );
  return [...shown, ...others];
}

export function mountJson({ type, source, target, readOnly }: OrderedMount): object {
  return {
    Type: type,
    ...(type === "volume" ? { Name: source, Driver: "local" } : {}),
    Source: type === "volume" ? volumeMountpoint(source) : source,
    Destination: target,
    Mode: readOnly ? "ro" : "",
    RW: !readOnly,
    Propagation: type === "bind" ? "rprivate" : "",
  };
}

/** `/containers/{id}/json`. */
export function inspectJson(
  container: SessionContainer,
  session: SessionHost,
  pid: number | null,
  minor: number,
): object {
  const { id, name, createdAt, order, restarts } = container.record;
  const asked = order.asked as CreateBody;
  const [path, ...args] = order.args;
  return {
    Id: id,
    Created: iso(createdAt),
    Path: path,
    Args: args,
    State: stateJson(container, pid),
    Image: order.image.imageId,
    ResolvConfPath: "",
    HostnamePath: "",
    HostsPath: "",
    LogPath: "",
    Name: `/${name}`,
    RestartCount: restarts,
    Driver: "overlay2",
    Platform: "linux",
    MountLabel: "",
    ProcessLabel: "",
    AppArmorProfile: "",
    ExecIDs: container.execIds.length === 0 ? null : container.execIds,
    HostConfig: hostConfigJson(container, session),
    GraphDriver: { Name: "overlay2", Data: null },
    Mounts: order.mounts.map(mountJson),
    Config: {
      Hostname: order.hostname,
      Domainname: asked.Domainname ?? "",
      User: order.user,
      AttachStdin: asked.AttachStdin ?? false,
      AttachStdout: asked.AttachStdout ?? false,
      AttachStderr: asked.AttachStderr ?? false,
      ...exposedJson(container),
      Tty: order.tty,
      OpenStdin: order.stdin.open,
      StdinOnce: order.stdin.once,
      Env: order.shownEnv,
      Cmd: commandJson(order),
      ...healthJson(order),
      Image: order.image.reference,
      Volumes: asked.Volumes ?? null,
      WorkingDir: order.workingDirectory,
      Entrypoint: entrypointJson(order),
      OnBuild: null,
      Labels: order.labels,
      MacAddress: asked.MacAddress || undefined,
      StopSignal: order.stopSignal,
      StopTimeout: asked.StopTimeout ?? undefined,
    },
    NetworkSettings: settingsJson(container, session, minor),
  };
}

/** `[""]` of a request takes the image's away. */
export function entrypointJson({ asked, imageEntrypoint }: ContainerOrder): string[] | null {
  const words = (asked as CreateBody).Entrypoint ?? [];
  if (words.length === 0) return imageEntrypoint;
  return words.length === 1 && words[0] === "" ? null : words;
}

/** An entrypoint of the request does away with the image's command. */
export function commandJson({ asked, imageCommand }: ContainerOrder): string[] | null {
  const { Cmd, Entrypoint } = asked as CreateBody;
  if ((Cmd ?? []).length > 0) return Cmd;
  return (Entrypoint ?? []).length > 0 ? null : imageCommand;
}

function healthJson({ healthCheck, asked }: ContainerOrder): object {
  const { Healthcheck } = asked as CreateBody;
  if (healthCheck !== null) return { Healthcheck: healthCheckJson(healthCheck) };
  return Healthcheck ? { Healthcheck } : {};
}

function exposedJson({ record }: SessionContainer): object {
  const ports = new Set([
    ...record.order.exposedPorts,
    ...record.order.ports.map(({ port, protocol }) => `${port}/${protocol}`),
  ]);
  if (ports.size === 0) return {};
  return { ExposedPorts: Object.fromEntries([...ports].map((port) => [port, {}])) };
}

function healthCheckJson(check: HealthCheck): object {
  const nanos = (ms: number) => ms * 1e6;
  return {
    Test: check.test,
    Interval: nanos(check.intervalMs),
    Timeout: nanos(check.timeoutMs),
    StartPeriod: nanos(check.startPeriodMs),
    Retries: check.retries,
  };
}

function stateJson({ state, health }: SessionContainer, pid: number | null): object {
  const { status } = state;
  const runs = status === "running" || status === "paused";
  const past = status === "exited" || status === "restarting" ? state : null;
  const neverRan = past !== null && past.error !== "";
  return {
    Status: status === "starting" || neverRan ? "created" : status,
    Running: runs || status === "restarting",
    Paused: status === "paused",
    Restarting: status === "restarting",
    OOMKilled: past?.outOfMemory ?? false,
    Dead: false,
    Pid: runs ? (pid ?? 0) : 0,
    ExitCode: past?.exitCode ?? 0,
    Error: past?.error ?? "",
    StartedAt: "startedAt" in state && !neverRan ? iso(state.startedAt) : NEVER,
    FinishedAt: past === null || neverRan ? NEVER : iso(past.finishedAt),
    ...(health === null
      ? {}
      : {
          Health: {
            Status: health.status,
            FailingStreak: health.failingStreak,
            Log: health.log.map(({ startedAt, endedAt, exitCode, output }) => ({
              Start: iso(startedAt),
              End: iso(endedAt),
              ExitCode: exitCode,
              Output: output,
            })),
          },
        }),
  };
}

function settingsJson(container: SessionContainer, session: SessionHost, minor: number): object {
  const { state, record } = container;
  const published = publishedOf(state);
  const ports = new Map<string, object[] | null>();
  if (record.order.network.kind === "bridge") {
    for (const port of record.order.exposedPorts) ports.set(port, null);
  }
  for (const { port, protocol } of record.order.ports) ports.set(`${port}/${protocol}`, null);
  for (const { port, protocol, hostPort, hostAddress } of published) {
    const name = `${port}/${protocol}`;
    ports.set(name, [...(ports.get(name) ?? []), { HostIp: hostAddress, HostPort: String(hostPort) }]);
  }
  const networks = networksJson(container, session, minor);
  const bridge = (networks as Record<string, Record<string, unknown>>).bridge ?? {};
  return {
    Bridge: "",
    SandboxID: "",
    HairpinMode: false,
    LinkLocalIPv6Address: "",
    LinkLocalIPv6PrefixLen: 0,
    SandboxKey: "",
    SecondaryIPAddresses: null,
    SecondaryIPv6Addresses: null,
    Ports: "ports" in state ? Object.fromEntries(ports) : {},
    EndpointID: bridge.EndpointID ?? "",
    Gateway: bridge.Gateway ?? "",
    GlobalIPv6Address: "",
    GlobalIPv6PrefixLen: 0,
    IPAddress: bridge.IPAddress ?? "",
    IPPrefixLen: bridge.IPPrefixLen ?? 0,
    IPv6Gateway: "",
    MacAddress: bridge.MacAddress ?? "",
    Networks: networks,
  };
}
