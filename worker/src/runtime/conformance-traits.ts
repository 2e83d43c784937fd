/** Docker's default capabilities as the mask in /proc/<pid>/status. */
export const DOCKER_CAPABILITIES = "00000000a80425fb";

/** Where runtimes rightly differ. Everything else is the same for all of them. */
export interface RuntimeTraits {
  /** Capabilities of a container's root, as the mask in its /proc/self/status. */
  readonly capabilities: string;
  /** Namespaces of a container's processes that are not the host's, as the host sees them. */
  readonly namespaces: readonly string[];
  /** /proc inside tells of namespaces, ids, mounts and privileges as Linux does, and the host sees each process. */
  readonly linuxProc: boolean;
  /** What reaches a limit of memory or processes ends alone; otherwise the whole container ends, as killed. */
  readonly limitsEndOne: boolean;
  /** The seccomp profile also holds for processes that are started later. Behind it stands a kernel of the container's own. */
  readonly filtersLater: boolean;
  /** Raw sockets and ping. */
  readonly rawSockets: boolean;
  /** ttyname(3) finds the name of a terminal. */
  readonly namesTerminals: boolean;
  /** Names in /dev. */
  readonly devices: readonly string[];
  /** Lines of `ip route` in a network namespace that has only loopback. */
  readonly loopbackRoutes: number;
}

const DEVICES = "fd full null ptmx pts random shm stderr stdin stdout tty urandom zero".split(" ");

/** crun and runc. */
export const LINUX: RuntimeTraits = {
  capabilities: DOCKER_CAPABILITIES,
  namespaces: ["pid", "mnt", "ipc", "uts", "net", "cgroup", "user"],
  linuxProc: true,
  limitsEndOne: true,
  filtersLater: true,
  rawSockets: true,
  namesTerminals: true,
  devices: [...DEVICES, "mqueue"].sort(),
  loopbackRoutes: 0,
};

/**
 * runsc. Its processes see gVisor's kernel, whose process tree, control groups and users are its own; the host sees one
 * process in their place, which runs under the ids of the range in namespaces of its own.
 */
export const GVISOR: RuntimeTraits = {
  capabilities: "00000000a80405fb",
  namespaces: ["mnt", "ipc", "uts", "net", "user"],
  linuxProc: false,
  limitsEndOne: false,
  filtersLater: false,
  rawSockets: false,
  namesTerminals: false,
  devices: [...DEVICES, "fuse", "net"].sort(),
  loopbackRoutes: 2,
};
