import path from "node:path";
import { socketBytes } from "../cgroup/cgroup.ts";
import { CAPABILITIES } from "./capabilities.ts";
import { GVISOR_LOOPBACK, GVISOR_THREADS } from "./gvisor.ts";
import { byMoment, limitHooks, type ProcessLimit, rlimitsConfig } from "./process-limits.ts";
import type { ContainerMount, ContainerSpec, ProcessSpec } from "./runtime.ts";
import type { SeccompFilter } from "./seccomp.ts";

/* config.json of a bundle: OCI runtime spec 1.0.2, config.md and config-linux.md. */

const SHM_BYTES = 64 * 1024 * 1024;
const CPU_PERIOD_US = 100_000;

/** moby, oci/defaults.go */
const MASKED_PATHS = [
  "/proc/acpi",
  "/proc/asound",
  "/proc/interrupts",
  "/proc/kcore",
  "/proc/keys",
  "/proc/latency_stats",
  "/proc/sched_debug",
  "/proc/scsi",
  "/proc/timer_list",
  "/proc/timer_stats",
  "/sys/devices/virtual/powercap",
  "/sys/firmware",
];
const READONLY_PATHS = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

/** Stands for no limit of its own. */
const MOST_MEMORY_BYTES = 2 ** 40;
/**
 * When the machine itself runs out of memory, what strangers run ends before anything of Slipway's (proc_pid_oom_score_adj(5)).
 */
const OOM_SCORE_ADJ = 500;

/** What a configuration takes from the machine and the bundle, beside the container's own description. */
export interface ConfigSurroundings {
  readonly bundle: string;
  readonly cgroup: string;
  readonly seccomp: SeccompFilter;
  /** What the runtime is told beside the configuration (config.md, "Annotations"). */
  readonly annotations: Readonly<Record<string, string>>;
  readonly limitsSwap: boolean;
  readonly limitsSockets: boolean;
  /** Of each process. */
  readonly processLimits: readonly ProcessLimit[];
  readonly terminal: boolean;
  /** True when the container has a kernel of its own (gVisor). */
  readonly ownKernel: boolean;
  /** True when `<bundle>/sys` is a sysfs of the container's network namespace. */
  readonly ownSysfs: boolean;
}

/** Named is what somebody looks at again. */
export interface RuntimeConfig {
  readonly mounts: readonly object[];
  readonly [key: string]: unknown;
}

/** The whole config.json. */
export function runtimeConfig(spec: ContainerSpec, surroundings: ConfigSurroundings): RuntimeConfig {
  const { bundle, cgroup, seccomp } = surroundings;
  const { firstHostId, size } = spec.ids;
  const mapping = [{ containerID: 0, hostID: firstHostId, size }];
  const ownNetwork = spec.networkNamespace === null;
  // gVisor counts by itself.
  const all = surroundings.processLimits;
  const { early, late } = surroundings.ownKernel ? { early: all, late: [] } : byMoment(all);
  return {
    ociVersion: "1.0.2",
    process: processConfig(spec.process, early, surroundings.terminal, spec.capabilities),
    root: { path: path.join(bundle, "rootfs"), readonly: spec.readOnly ?? false },
    hostname: spec.hostname,
    annotations: {
      ...surroundings.annotations,
      ...(ownNetwork && surroundings.ownKernel ? GVISOR_LOOPBACK : {}),
    },
    mounts: [
      ...mounts(bundle, surroundings, spec.shmBytes ?? SHM_BYTES),
      ...(spec.mounts ?? []).map(extraMount),
    ],
    ...limitHooks(late),
    linux: {
      namespaces: [
        ...["pid", "mount", "ipc", "uts", "cgroup", "user"].map((type) => ({ type })),
        ownNetwork ? { type: "network" } : { type: "network", path: spec.networkNamespace },
      ],
      uidMappings: mapping,
      gidMappings: mapping,
      cgroupsPath: cgroup,
      resources: resources(spec, surroundings),
      // Docker's: a non-root user may ping and listen on port 80. Whoever makes a namespace sets them there.
      ...(ownNetwork
        ? { sysctl: { "net.ipv4.ping_group_range": "0 65535", "net.ipv4.ip_unprivileged_port_start": "0" } }
        : {}),
      seccomp,
      maskedPaths: MASKED_PATHS,
      readonlyPaths: READONLY_PATHS,
    },
  };
}

/** `process` of config.json, and the whole of a process file for `exec`. */
export function processConfig(
  process: ProcessSpec,
  limits: readonly ProcessLimit[],
  terminal: boolean,
  capabilities: readonly string[] = CAPABILITIES,
): object {
  return {
    terminal,
    user: {
      uid: process.user.uid,
      gid: process.user.gid,
      additionalGids: process.user.additionalGids,
    },
    args: process.args,
    env: process.env,
    cwd: process.cwd,
    // Nothing inheritable and nothing ambient, so that a process of a non-root user has none of them.
    capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
    rlimits: rlimitsConfig(limits),
    noNewPrivileges: true,
    oomScoreAdj: OOM_SCORE_ADJ,
  };
}

function resources(
  spec: ContainerSpec,
  { limitsSwap, limitsSockets, ownKernel }: ConfigSurroundings,
): object {
  const { memoryBytes, cpus, cpuShares, pids } = spec.limits;
  return {
    devices: [{ allow: false, access: "rwm" }],
    memory: {
      // `swap` is memory and swap together: the same number means no swap.
      ...(memoryBytes === undefined
        ? {}
        : { limit: memoryBytes, ...(limitsSwap ? { swap: memoryBytes } : {}) }),
      // Sockets are counted in groups that have such a limit themselves; the one that holds is the group's above.
      ...(limitsSockets ? { kernelTCP: socketBytes(memoryBytes ?? MOST_MEMORY_BYTES) } : {}),
    },
    ...(cpus === undefined && cpuShares === undefined
      ? {}
      : {
          cpu: {
            ...(cpus === undefined ? {} : { quota: Math.round(cpus * CPU_PERIOD_US), period: CPU_PERIOD_US }),
            ...(cpuShares === undefined ? {} : { shares: cpuShares }),
          },
        }),
    ...(pids === undefined ? {} : { pids: { limit: pids + (ownKernel ? GVISOR_THREADS : 0) } }),
  };
}

function extraMount({ kind, source, destination, options }: ContainerMount): object {
  if (kind === "tmpfs") return { destination, type: "tmpfs", source: "tmpfs", options };
  return { destination, type: "bind", source, options: ["bind", "rprivate", ...options] };
}

/** Docker's default mounts, and the three files that it makes for each container. */
function mounts(bundle: string, { ownSysfs, ownKernel }: ConfigSurroundings, shmBytes: number): object[] {
  const file = (name: string) => ({
    destination: `/etc/${name}`,
    type: "bind",
    source: path.join(bundle, name),
    options: ["bind", "rprivate", "nosuid", "nodev", "noexec"],
  });
  return [
    { destination: "/proc", type: "proc", source: "proc", options: ["nosuid", "noexec", "nodev"] },
    {
      destination: "/dev",
      type: "tmpfs",
      source: "tmpfs",
      options: ["nosuid", "strictatime", "mode=755", "size=65536k"],
    },
    {
      destination: "/dev/pts",
      type: "devpts",
      source: "devpts",
      options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"],
    },
    {
      destination: "/dev/shm",
      type: "tmpfs",
      source: "shm",
      options: ["nosuid", "noexec", "nodev", "mode=1777", `size=${shmBytes}`],
    },
    { destination: "/dev/mqueue", type: "mqueue", source: "mqueue", options: ["nosuid", "noexec", "nodev"] },
    ownSysfs
      ? {
          destination: "/sys",
          type: "bind",
          source: path.join(bundle, "sys"),
          options: ["bind", "rprivate", "nosuid", "noexec", "nodev", "ro"],
        }
      : { destination: "/sys", type: "sysfs", source: "sysfs", options: ["nosuid", "noexec", "nodev", "ro"] },
    ...(ownKernel
      ? []
      : [
          {
            destination: "/sys/fs/cgroup",
            type: "cgroup",
            source: "cgroup",
            options: ["nosuid", "noexec", "nodev", "relatime", "ro"],
          },
        ]),
    file("hosts"),
    file("hostname"),
    file("resolv.conf"),
  ];
}
