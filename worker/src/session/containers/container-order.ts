import { digestSchema } from "@slipway/protocol";
import { z } from "zod";
import { PROCESS_LIMITS } from "../../runtime/process-limits.ts";

/** A published port: `hostPort` of the session's host namespace leads to `port` of the container. */
export const portBindingSchema = z.object({
  port: z.number().int().min(1).max(65_535),
  protocol: z.enum(["tcp", "udp"]),
  /** Null: a free one is chosen at the start. */
  hostPort: z.number().int().min(1).max(65_535).nullable(),
  hostAddress: z.string().max(64),
});
export type PortBinding = z.infer<typeof portBindingSchema>;

export const containerMountSchema = z.object({
  /** `bind`: a path of the main container. `volume`: by its name. */
  type: z.enum(["bind", "volume", "tmpfs"]),
  /** Path or name; "" for a tmpfs. */
  source: z.string().max(4096),
  target: z.string().max(4096),
  readOnly: z.boolean(),
  /** Size of a tmpfs; null: of half of the memory. */
  tmpfsBytes: z.number().int().positive().nullable(),
  /** Permissions of a tmpfs. */
  tmpfsMode: z.number().int().nonnegative().nullable(),
  /** True where a bind's source is made when it is missing, as `-v` does and `--mount` does not. */
  createsSource: z.boolean(),
});
export type OrderedMount = z.infer<typeof containerMountSchema>;

/** The network of a container: on bridges of the session, in its host namespace, alone, or that of another container. */
export const networkModeSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("bridge") }),
  z.object({ kind: z.literal("host") }),
  z.object({ kind: z.literal("none") }),
  z.object({ kind: z.literal("container"), container: z.string() }),
]);
export type NetworkMode = z.infer<typeof networkModeSchema>;

/** Name of the default bridge among the networks of a container. */
export const DEFAULT_NETWORK = "bridge";

export const joinedNetworkSchema = z.object({
  /** Further names that the container has there. */
  aliases: z.array(z.string()),
  /** The one that was asked for; null: any. */
  address: z.string().nullable().default(null),
  /** The hardware address that was asked for, in lower case; null: any. */
  mac: z.string().nullable().default(null),
  /** Names of its own for what others there are called. */
  links: z.array(z.object({ name: z.string(), alias: z.string() })).default([]),
  /** What a client said to the driver, to be shown again. */
  driverOpts: z.record(z.string(), z.string()).nullable().default(null),
});
export type JoinedNetwork = z.infer<typeof joinedNetworkSchema>;

export const restartPolicySchema = z.object({
  name: z.enum(["no", "always", "unless-stopped", "on-failure"]),
  /** Of on-failure; 0: no limit. */
  maximumRetries: z.number().int().nonnegative(),
});

export const healthCheckSchema = z.object({
  /** `["CMD", …]` or `["CMD-SHELL", line]`. */
  test: z.array(z.string()).min(1),
  intervalMs: z.number().int().positive(),
  timeoutMs: z.number().int().positive(),
  startPeriodMs: z.number().int().nonnegative(),
  retries: z.number().int().positive(),
});
export type HealthCheck = z.infer<typeof healthCheckSchema>;

export const containerLimitsSchema = z.object({
  memoryBytes: z.number().int().positive().nullable(),
  cpus: z.number().positive().nullable(),
  cpuShares: z.number().int().positive().nullable(),
  pids: z.number().int().positive().nullable(),
  openFiles: z.number().int().positive().nullable(),
});
export type OrderedLimits = z.infer<typeof containerLimitsSchema>;

/** What a container is to be, complete: image and request put together, nothing left to be looked up but names. */
export const containerOrderSchema = z.object({
  image: z.object({
    /** Of the manifest. */
    digest: digestSchema,
    /** Of the config: Docker's image id. */
    imageId: digestSchema,
    /** What the request called it. */
    reference: z.string(),
  }),
  args: z.array(z.string()).min(1),
  /** What the image itself runs; null where it says nothing. */
  imageEntrypoint: z.array(z.string()).nullable(),
  imageCommand: z.array(z.string()).nullable(),
  /** `8080/tcp` … of image and request. */
  exposedPorts: z.array(z.string()),
  env: z.array(z.string()),
  /** What a client is shown of that: what it asked for, and what the image has besides. */
  shownEnv: z.array(z.string()).default([]),
  workingDirectory: z.string(),
  user: z.string(),
  /** Further groups of its processes, by name or number. */
  groups: z.array(z.string()).default([]),
  hostname: z.string(),
  tty: z.boolean(),
  stdin: z.object({ open: z.boolean(), once: z.boolean() }),
  labels: z.record(z.string(), z.string()),
  stopSignal: z.string(),
  stopTimeoutMs: z.number().int().nonnegative(),
  healthCheck: healthCheckSchema.nullable(),
  network: networkModeSchema,
  /** The networks that it is in, by name; `bridge` is the session's default bridge. */
  networks: z.record(z.string(), joinedNetworkSchema),
  /** Containers that it links to, by id, and what it calls them. */
  links: z.array(z.object({ container: z.string(), alias: z.string() })).default([]),
  extraHosts: z.array(z.object({ name: z.string(), address: z.string() })),
  dns: z.array(z.string()),
  dnsSearch: z.array(z.string()),
  ports: z.array(portBindingSchema),
  mounts: z.array(containerMountSchema),
  limits: containerLimitsSchema,
  /** Of each process; null: as much as there may be. */
  processLimits: z
    .array(
      z.object({
        name: z.enum(PROCESS_LIMITS),
        soft: z.number().int().nonnegative().nullable(),
        hard: z.number().int().nonnegative().nullable(),
      }),
    )
    .default([]),
  /** True where its main process is a child of an init, which passes signals on and reaps what others left. */
  init: z.boolean().default(false),
  capabilities: z.array(z.string()),
  readOnlyRoot: z.boolean(),
  shmBytes: z.number().int().positive(),
  autoRemove: z.boolean(),
  restart: restartPolicySchema,
  /** What its log may take; null: none is kept. */
  logBytes: z.number().int().positive().nullable(),
  /** Size of the terminal at the start. */
  size: z.object({ rows: z.number().int().positive(), cols: z.number().int().positive() }),
  /** The client's own words, to be shown again as they were. */
  asked: z.record(z.string(), z.unknown()),
});
export type ContainerOrder = z.infer<typeof containerOrderSchema>;
