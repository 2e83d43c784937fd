import type { Image } from "../../image-store/image-store.ts";
import type { ExecutionConfig } from "../../oci/image-spec.ts";
import { signalNumber } from "../../runtime/signals.ts";
import type {
  ContainerOrder,
  HealthCheck,
  NetworkMode,
  PortBinding,
} from "../../session/containers/container-order.ts";
import type { SessionHost } from "../../session/session-host.ts";
import { EngineError } from "../engine-error.ts";
import type { CreateBody, HostConfigBody } from "./create-body.ts";
import { orderedLinks } from "./ordered-links.ts";
import { mountsOf } from "./ordered-mounts.ts";
import { joinedNetworks } from "./ordered-networks.ts";
import { capabilitiesOf, checkAllowed } from "./refusals.ts";
import { sizeBytes } from "./sizes.ts";
import { processLimitsOf } from "./ulimits.ts";

/** PATH where an image sets none, as Docker has it. */
const DEFAULT_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const STOP_TIMEOUT_S = 10;
const SHM_BYTES = 64 * 1024 * 1024;
/** Docker's own lower bound. */
const LEAST_MEMORY_BYTES = 6 * 1024 * 1024;
/** What a log keeps where nothing is said; all of it counts on the session's disk. */
const LOG_BYTES = 256 * 1024 * 1024;
const LEAST_LOG_BYTES = 64 * 1024;
const NANO = 1e9;
const NANOS_PER_MS = 1e6;
const HOUR_MS = 3_600_000;

/** Request and image put together. Throws what Docker would refuse, and what a session can't allow. */
export function orderOf(
  body: CreateBody,
  image: Image,
  reference: string,
  session: SessionHost,
): ContainerOrder {
  const host: HostConfigBody = body.HostConfig ?? {};
  checkAllowed(host);
  const config = image.config.config ?? {};
  const args = commandOf(body, config);
  if (args.length === 0) throw new EngineError(400, "no command specified");
  const stopSignal = body.StopSignal || config.StopSignal || "SIGTERM";
  signalNumber(stopSignal);
  const volumes = [...Object.keys(config.Volumes ?? {}), ...Object.keys(body.Volumes ?? {})];
  const size = host.ConsoleSize ?? [24, 80];
  return {
    image: { digest: image.digest, imageId: image.imageId, reference },
    args,
    imageEntrypoint: config.Entrypoint ?? null,
    imageCommand: config.Cmd ?? null,
    exposedPorts: exposedPorts(body, config),
    env: environmentOf(body, config),
    shownEnv: shownEnvOf(body, config),
    workingDirectory: body.WorkingDir || config.WorkingDir || "",
    user: body.User || config.User || "",
    groups: host.GroupAdd ?? [],
    hostname: body.Hostname ?? "",
    tty: body.Tty ?? false,
    stdin: { open: body.OpenStdin ?? false, once: body.StdinOnce ?? false },
    labels: { ...config.Labels, ...body.Labels },
    stopSignal,
    stopTimeoutMs: (body.StopTimeout ?? STOP_TIMEOUT_S) * 1_000,
    healthCheck: healthOf(body, config),
    network: networkOf(host, session),
    networks: joinedNetworks(body, session),
    links: orderedLinks(host, session),
    extraHosts: (host.ExtraHosts ?? []).map((entry) => extraHost(entry, session)),
    dns: host.Dns ?? [],
    dnsSearch: host.DnsSearch ?? [],
    ports: portsOf(body, config, host),
    mounts: mountsOf(
      host,
      [...new Set(volumes)],
      (container) => session.containers.find(container).record.order.mounts,
    ),
    limits: limitsOf(host, session),
    processLimits: processLimitsOf(host),
    init: host.Init ?? false,
    capabilities: capabilitiesOf(host),
    readOnlyRoot: host.ReadonlyRootfs ?? false,
    shmBytes: host.ShmSize || SHM_BYTES,
    autoRemove: host.AutoRemove ?? false,
    restart: restartOf(host),
    logBytes: logBytesOf(host),
    size: { rows: size[0] || 24, cols: size[1] || 80 },
    asked: body,
  };
}

/** An entrypoint of the request does away with the image's command too. */
function commandOf(body: CreateBody, config: ExecutionConfig): string[] {
  const entrypoint = body.Entrypoint;
  const asked = body.Cmd ?? [];
  // `--entrypoint ""` resets it.
  if (entrypoint !== null && entrypoint.length > 0)
    return [...entrypoint.filter((word) => word !== ""), ...asked];
  const command = asked.length > 0 ? asked : (config.Cmd ?? []);
  return [...(config.Entrypoint ?? []), ...command];
}

function environmentOf(body: CreateBody, config: ExecutionConfig): string[] {
  const env = new Map<string, string>();
  const take = (entry: string) => {
    const equals = entry.indexOf("=");
    // A name alone takes the variable away.
    if (equals < 0) env.delete(entry);
    else env.set(entry.slice(0, equals), entry);
  };
  take(DEFAULT_PATH);
  // The host name is known when there is an id.
  take("HOSTNAME=");
  if (body.Tty) take("TERM=xterm");
  for (const entry of [...(config.Env ?? []), ...(body.Env ?? [])]) take(entry);
  return [...env.values()];
}

function shownEnvOf(body: CreateBody, config: ExecutionConfig): string[] {
  const asked = body.Env ?? [];
  const nameOf = (entry: string) => entry.split("=", 1)[0];
  const names = new Set(asked.map(nameOf));
  return [...asked, ...(config.Env ?? []).filter((entry) => !names.has(nameOf(entry)))];
}

function healthOf(body: CreateBody, config: ExecutionConfig): HealthCheck | null {
  type Health = NonNullable<CreateBody["Healthcheck"]>;
  const ofImage = (config as { Healthcheck?: Health }).Healthcheck ?? {};
  const own = body.Healthcheck ?? {};
  const test = (own.Test ?? []).length > 0 ? (own.Test ?? []) : (ofImage.Test ?? []);
  checkHealthTimes(own);
  // Docker takes a test of another kind, warns in its log, and makes none.
  if (!["CMD", "CMD-SHELL"].includes(test[0] ?? "")) return null;
  const ms = (name: "Interval" | "Timeout" | "StartPeriod", otherwise: number) =>
    Math.round((own[name] || ofImage[name] || otherwise * NANOS_PER_MS) / NANOS_PER_MS);
  return {
    test,
    intervalMs: Math.min(Math.max(1, ms("Interval", 30_000)), HOUR_MS),
    timeoutMs: Math.min(Math.max(1, ms("Timeout", 30_000)), HOUR_MS),
    startPeriodMs: ms("StartPeriod", 0),
    retries: own.Retries || ofImage.Retries || 3,
  };
}

function checkHealthTimes(check: NonNullable<CreateBody["Healthcheck"]>): void {
  for (const name of ["Interval", "Timeout", "StartPeriod"] as const) {
    const nanos = check[name] ?? 0;
    if (nanos !== 0 && nanos < NANOS_PER_MS)
      throw new EngineError(400, `${name} in Healthcheck cannot be less than 1ms`);
  }
  if ((check.Retries ?? 0) < 0) throw new EngineError(400, "Retries in Healthcheck cannot be negative");
}

function networkOf({ NetworkMode }: HostConfigBody, session: SessionHost): NetworkMode {
  const mode = NetworkMode ?? "default";
  if (mode === "host" || mode === "none") return { kind: mode };
  if (mode.startsWith("container:")) {
    const container = mode.slice("container:".length);
    return { kind: "container", container: session.containers.find(container).id };
  }
  return { kind: "bridge" };
}

/** `host-gateway` is the session itself, where its main container runs. */
function extraHost(entry: string, { network }: SessionHost): { name: string; address: string } {
  const [, name, address] = /^([^:=\s]{1,253})[:=]([0-9a-fA-F.:[\]]{2,64}|host-gateway)$/.exec(entry) ?? [];
  if (name === undefined || address === undefined) {
    throw new EngineError(400, `bad format for add-host: "${entry.slice(0, 256)}"`);
  }
  return { name, address: address === "host-gateway" ? network.address : address.replaceAll(/[[\]]/g, "") };
}

function portsOf(body: CreateBody, config: ExecutionConfig, host: HostConfigBody): PortBinding[] {
  const bindings = Object.entries(host.PortBindings ?? {}).flatMap(([name, list]) =>
    (list ?? []).map((binding) => ({
      ...portName(name),
      hostPort: portNumber(binding.HostPort ?? ""),
      hostAddress: binding.HostIp || "0.0.0.0",
    })),
  );
  if (!host.PublishAllPorts) return bindings;
  const exposed = new Set([
    ...Object.keys(config.ExposedPorts ?? {}),
    ...Object.keys(body.ExposedPorts ?? {}),
  ]);
  const bound = new Set(bindings.map(({ port, protocol }) => `${port}/${protocol}`));
  const rest = [...exposed].map(portName).filter(({ port, protocol }) => !bound.has(`${port}/${protocol}`));
  return [...bindings, ...rest.map((port) => ({ ...port, hostPort: null, hostAddress: "0.0.0.0" }))];
}

/** Each with its protocol, which is tcp where nothing is said. */
function exposedPorts(body: CreateBody, config: ExecutionConfig): string[] {
  const names = [...Object.keys(config.ExposedPorts ?? {}), ...Object.keys(body.ExposedPorts ?? {})];
  return [...new Set(names.map(withProtocol))];
}

export const withProtocol = (port: string): string => (port.includes("/") ? port : `${port}/tcp`);

/** `8080/tcp`. */
export function portName(name: string): { port: number; protocol: "tcp" | "udp" } {
  const match = /^([0-9]{1,5})(?:\/(tcp|udp))?$/.exec(name);
  const port = Number(match?.[1]);
  if (match === null || port < 1 || port > 65_535)
    throw new EngineError(400, `invalid port specification: "${name.slice(0, 64)}"`);
  return { port, protocol: match[2] === "udp" ? "udp" : "tcp" };
}

function portNumber(text: string): number | null {
  if (text === "" || text === "0") return null;
  const port = /^[0-9]{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535)
    throw new EngineError(400, `invalid port specification: "${text.slice(0, 64)}"`);
  return port;
}

export function limitsOf(host: HostConfigBody, { request }: SessionHost): ContainerOrder["limits"] {
  const { Memory, NanoCpus, CpuQuota, CpuPeriod, CpuShares, PidsLimit, Ulimits } = host;
  if (Memory && (Memory < 0 || Memory < LEAST_MEMORY_BYTES)) {
    throw new EngineError(400, "Minimum memory limit allowed is 6MB");
  }
  const most = Math.max(1, Math.ceil(request.limits.cpus));
  if (NanoCpus && (NanoCpus < 0 || NanoCpus > most * NANO)) {
    throw new EngineError(
      400,
      `Range of CPUs is from 0.01 to ${most}.00, as there are only ${most} CPUs available`,
    );
  }
  const quota = CpuQuota && CpuQuota > 0 ? CpuQuota / (CpuPeriod || 100_000) : null;
  const openFiles = (Ulimits ?? []).find(({ Name }) => Name === "nofile");
  return {
    memoryBytes: Memory || null,
    cpus: NanoCpus ? NanoCpus / NANO : quota,
    cpuShares: CpuShares && CpuShares > 0 ? CpuShares : null,
    pids: PidsLimit && PidsLimit > 0 ? PidsLimit : null,
    openFiles: openFiles && openFiles.Hard > 0 ? openFiles.Hard : null,
  };
}

export function restartOf({ RestartPolicy, AutoRemove }: HostConfigBody): ContainerOrder["restart"] {
  const name = RestartPolicy?.Name || "no";
  if (name !== "no" && name !== "always" && name !== "unless-stopped" && name !== "on-failure") {
    throw new EngineError(400, `invalid restart policy '${name.slice(0, 64)}'`);
  }
  const maximumRetries = RestartPolicy?.MaximumRetryCount ?? 0;
  if (maximumRetries < 0)
    throw new EngineError(400, "invalid restart policy: maximum retry count cannot be negative");
  if (maximumRetries > 0 && name !== "on-failure") {
    throw new EngineError(
      400,
      "invalid restart policy: maximum retry count can only be used with 'on-failure'",
    );
  }
  if (AutoRemove && name !== "no")
    throw new EngineError(400, "can't create 'AutoRemove' container with restart policy");
  return { name, maximumRetries };
}

function logBytesOf({ LogConfig }: HostConfigBody): number | null {
  const type = LogConfig?.Type || "json-file";
  if (type === "none") return null;
  if (type !== "json-file" && type !== "local") {
    throw new EngineError(400, `logger: no log driver named '${type.slice(0, 64)}' is registered`);
  }
  const size = LogConfig?.Config?.["max-size"];
  const files = Number(LogConfig?.Config?.["max-file"] ?? 1) || 1;
  // A log is in two files, so twice a file is the least that keeps as much as was asked for.
  return size === undefined ? LOG_BYTES : Math.max(LEAST_LOG_BYTES, sizeBytes(size) * Math.max(2, files));
}
