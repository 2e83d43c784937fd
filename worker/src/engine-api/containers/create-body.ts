import { z } from "zod";

/* The body of `POST /containers/create`. Go's clients write null for what is empty. */

const text = z.string().max(65_536);
const texts = z.array(text).max(4_096).nullish();
const words = z.record(text, text).nullish();
const count = z.number().int().nullish();
const flag = z.boolean().nullish();

/** An object whose names may be in any case, as Go reads JSON: `TmpFs` is `Tmpfs`. */
const inAnyCase = <Shape extends z.ZodRawShape>(shape: Shape) => {
  const names = new Map(Object.keys(shape).map((name) => [name.toLowerCase(), name]));
  const folded = (value: unknown): unknown =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(
          Object.entries(value).map(([name, one]) => [names.get(name.toLowerCase()) ?? name, one]),
        )
      : value;
  return z.preprocess(folded, z.looseObject(shape));
};

/** A command as a list, or as a line that is one word. */
const command = z
  .union([z.array(text).max(4_096), text.transform((line) => [line])])
  .nullish()
  .transform((list) => list ?? null);

export const healthBodySchema = z.looseObject({
  Test: texts,
  Interval: count,
  Timeout: count,
  StartPeriod: count,
  Retries: count,
});

const portBinding = z.looseObject({
  HostIp: text.nullish(),
  HostPort: z.union([text, z.number().transform(String)]).nullish(),
});

const mountBody = z.looseObject({
  Type: text.nullish(),
  Source: text.nullish(),
  Target: text.nullish(),
  ReadOnly: flag,
  BindOptions: z.looseObject({ CreateMountpoint: flag }).nullish(),
  TmpfsOptions: z.looseObject({ SizeBytes: count, Mode: count }).nullish(),
});
export type MountBody = z.output<typeof mountBody>;

export const hostConfigSchema = inAnyCase({
  Binds: texts,
  Mounts: z.array(mountBody).max(256).nullish(),
  Tmpfs: words,
  VolumesFrom: texts,
  PortBindings: z.record(text, z.array(portBinding).max(64).nullish()).nullish(),
  PublishAllPorts: flag,
  RestartPolicy: z.looseObject({ Name: text.nullish(), MaximumRetryCount: count }).nullish(),
  AutoRemove: flag,
  NetworkMode: text.nullish(),
  Memory: count,
  MemorySwap: count,
  MemoryReservation: count,
  NanoCpus: count,
  CpuQuota: count,
  CpuPeriod: count,
  CpuShares: count,
  PidsLimit: count,
  Ulimits: z
    .array(z.looseObject({ Name: text, Soft: z.number().int(), Hard: z.number().int() }))
    .max(32)
    .nullish(),
  GroupAdd: z.array(text).max(256).nullish(),
  CapAdd: texts,
  CapDrop: texts,
  Privileged: flag,
  ReadonlyRootfs: flag,
  Init: flag,
  ExtraHosts: texts,
  Dns: texts,
  DnsSearch: texts,
  LogConfig: z.looseObject({ Type: text.nullish(), Config: words }).nullish(),
  ShmSize: count,
  PidMode: text.nullish(),
  IpcMode: text.nullish(),
  UTSMode: text.nullish(),
  UsernsMode: text.nullish(),
  CgroupParent: text.nullish(),
  CgroupnsMode: text.nullish(),
  Devices: z.array(z.unknown()).nullish(),
  DeviceCgroupRules: texts,
  DeviceRequests: z.array(z.unknown()).nullish(),
  SecurityOpt: texts,
  Sysctls: words,
  Runtime: text.nullish(),
  Links: texts,
  ConsoleSize: z.tuple([z.number().int(), z.number().int()]).nullish(),
  OomScoreAdj: count,
});
export type HostConfigBody = z.output<typeof hostConfigSchema>;

export const endpointBodySchema = z.looseObject({
  Aliases: texts,
  Links: texts,
  DriverOpts: words,
  MacAddress: text.nullish(),
  IPAMConfig: z.looseObject({ IPv4Address: text.nullish(), IPv6Address: text.nullish() }).nullish(),
});
export type EndpointBody = z.output<typeof endpointBodySchema>;

export const createBodySchema = inAnyCase({
  Hostname: text.nullish(),
  Domainname: text.nullish(),
  User: text.nullish(),
  AttachStdin: flag,
  AttachStdout: flag,
  AttachStderr: flag,
  ExposedPorts: z.record(text, z.unknown()).nullish(),
  Tty: flag,
  OpenStdin: flag,
  StdinOnce: flag,
  Env: texts,
  Cmd: command,
  Entrypoint: command,
  Healthcheck: healthBodySchema.nullish(),
  Image: text.nullish(),
  Volumes: z.record(text, z.unknown()).nullish(),
  WorkingDir: text.nullish(),
  Labels: words,
  /** Of the end in the network of the mode; gone from version 1.44 on, where each end has its own. */
  MacAddress: text.nullish(),
  StopSignal: text.nullish(),
  StopTimeout: count,
  HostConfig: hostConfigSchema.nullish(),
  NetworkingConfig: z
    .looseObject({ EndpointsConfig: z.record(text, endpointBodySchema.nullish()).nullish() })
    .nullish(),
});
export type CreateBody = z.output<typeof createBodySchema>;
