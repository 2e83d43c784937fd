import { readFileSync } from "node:fs";
import { release } from "node:os";
import type { SessionHost } from "../session/session-host.ts";
import { API_VERSION, OLDEST_VERSION } from "./router.ts";

/* What `/version` and `/info` say of a session as a Docker host. */

/** The version of Docker whose behaviour is followed; clients compare it. */
const ENGINE_VERSION = "24.0.9";

export interface EngineAbout {
  /** Of the worker. */
  readonly version: string;
  readonly runtime: { readonly name: string; readonly version: string };
}

const ARCHITECTURES: Readonly<Record<string, readonly [docker: string, kernel: string]>> = {
  x64: ["amd64", "x86_64"],
  arm64: ["arm64", "aarch64"],
};
const [DOCKER_ARCHITECTURE = process.arch, KERNEL_ARCHITECTURE = process.arch] =
  ARCHITECTURES[process.arch] ?? [];

export function versionOf({ version, runtime }: EngineAbout): object {
  const engine = { Version: ENGINE_VERSION, ApiVersion: API_VERSION, MinAPIVersion: OLDEST_VERSION };
  const machine = { Os: "linux", Arch: DOCKER_ARCHITECTURE, KernelVersion: release() };
  const made = { GitCommit: "slipway", GoVersion: "none", BuildTime: "" };
  return {
    Platform: { Name: `Slipway ${version}` },
    Components: [
      {
        Name: "Engine",
        Version: ENGINE_VERSION,
        Details: { ...engine, ...made, ...machine, Experimental: "false" },
      },
      { Name: runtime.name, Version: runtime.version, Details: {} },
    ],
    ...engine,
    ...made,
    ...machine,
  };
}

/** What is counted of a session. */
export interface Counts {
  readonly containers: number;
  readonly running: number;
  readonly paused: number;
  readonly stopped: number;
  readonly images: number;
}

export function infoOf({ runtime, version }: EngineAbout, session: SessionHost, counts: Counts): object {
  const { limits } = session.request;
  return {
    ID: session.id,
    Containers: counts.containers,
    ContainersRunning: counts.running,
    ContainersPaused: counts.paused,
    ContainersStopped: counts.stopped,
    Images: counts.images,
    Driver: "overlay2",
    DriverStatus: [["Backing Filesystem", "extfs"]],
    Plugins: {
      Volume: ["local"],
      Network: ["bridge", "host", "null"],
      Authorization: null,
      Log: ["json-file"],
    },
    MemoryLimit: true,
    SwapLimit: true,
    CpuCfsPeriod: true,
    CpuCfsQuota: true,
    CPUShares: true,
    CPUSet: false,
    PidsLimit: true,
    IPv4Forwarding: true,
    OomKillDisable: false,
    Debug: false,
    NGoroutines: 0,
    SystemTime: new Date().toISOString(),
    LoggingDriver: "json-file",
    CgroupDriver: "cgroupfs",
    CgroupVersion: "1",
    NEventsListener: 0,
    KernelVersion: release(),
    OperatingSystem: operatingSystem(),
    OSType: "linux",
    Architecture: KERNEL_ARCHITECTURE,
    IndexServerAddress: "https://index.docker.io/v1/",
    RegistryConfig: { InsecureRegistryCIDRs: [], IndexConfigs: {}, Mirrors: [] },
    NCPU: Math.max(1, Math.ceil(limits.cpus)),
    MemTotal: limits.memoryBytes,
    GenericResources: null,
    DockerRootDir: "/var/lib/docker",
    HttpProxy: "",
    HttpsProxy: "",
    NoProxy: "",
    Name: session.place.hostname,
    Labels: [`slipway.version=${version}`],
    ExperimentalBuild: false,
    ServerVersion: ENGINE_VERSION,
    Runtimes: { [runtime.name]: { path: runtime.name } },
    DefaultRuntime: runtime.name,
    Swarm: { NodeID: "", NodeAddr: "", LocalNodeState: "inactive", ControlAvailable: false, Error: "" },
    LiveRestoreEnabled: true,
    Isolation: "",
    InitBinary: "",
    SecurityOptions: ["name=seccomp,profile=builtin", "name=userns"],
    Warnings: null,
  };
}

/** `PRETTY_NAME` of os-release(5). */
function operatingSystem(): string {
  try {
    return /^PRETTY_NAME="?([^"\n]{1,128})/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? "Linux";
  } catch {
    return "Linux";
  }
}
