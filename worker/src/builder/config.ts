import type { ExecutionConfig, ImageConfig } from "../oci/image-spec.ts";

/** PATH of an image that starts from nothing (BuildKit, util/system/path.go). */
export const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
export const DEFAULT_SHELL: readonly string[] = ["/bin/sh", "-c"];

/** The config of an image that is being built. Field names are the OCI image spec's. */
export interface MutableConfig {
  user: string;
  exposedPorts: Set<string>;
  env: Map<string, string>;
  entrypoint: readonly string[] | null;
  cmd: readonly string[] | null;
  volumes: Set<string>;
  workingDir: string;
  labels: Map<string, string>;
  shell: readonly string[];
  /** What an earlier image had and no instruction here changes. */
  readonly rest: ExecutionConfig;
}

export function emptyConfig(): MutableConfig {
  return configOf({ Env: [`PATH=${DEFAULT_PATH}`] });
}

export function configOf(config: ExecutionConfig): MutableConfig {
  const shell = config.Shell;
  return {
    user: config.User ?? "",
    exposedPorts: new Set(Object.keys(config.ExposedPorts ?? {})),
    env: new Map((config.Env ?? []).map(splitPair)),
    entrypoint: config.Entrypoint ?? null,
    cmd: config.Cmd ?? null,
    volumes: new Set(Object.keys(config.Volumes ?? {})),
    workingDir: config.WorkingDir ?? "",
    labels: new Map(Object.entries(config.Labels ?? {})),
    shell: Array.isArray(shell) && shell.length > 0 ? shell.map(String) : DEFAULT_SHELL,
    rest: config,
  };
}

export function copyConfig(config: MutableConfig): MutableConfig {
  return {
    ...config,
    exposedPorts: new Set(config.exposedPorts),
    env: new Map(config.env),
    volumes: new Set(config.volumes),
    labels: new Map(config.labels),
  };
}

export function executionConfig(config: MutableConfig): ExecutionConfig {
  const { rest, shell } = config;
  const empties = (names: ReadonlySet<string>) =>
    Object.fromEntries([...names].sort().map((name) => [name, {}]));
  return {
    ...rest,
    ...(config.user === "" ? {} : { User: config.user }),
    ...(config.exposedPorts.size === 0 ? {} : { ExposedPorts: empties(config.exposedPorts) }),
    Env: environmentOf(config.env),
    Entrypoint: config.entrypoint ? [...config.entrypoint] : null,
    Cmd: config.cmd ? [...config.cmd] : null,
    ...(config.volumes.size === 0 ? {} : { Volumes: empties(config.volumes) }),
    ...(config.workingDir === "" ? {} : { WorkingDir: config.workingDir }),
    ...(config.labels.size === 0 ? {} : { Labels: Object.fromEntries(config.labels) }),
    ...(shell === DEFAULT_SHELL ? {} : { Shell: [...shell] }),
  };
}

export function environmentOf(env: ReadonlyMap<string, string>): string[] {
  return [...env].map(([name, value]) => `${name}=${value}`);
}

function splitPair(pair: string): [string, string] {
  const equals = pair.indexOf("=");
  return equals < 0 ? [pair, ""] : [pair.slice(0, equals), pair.slice(equals + 1)];
}

export type HistoryEntry = NonNullable<ImageConfig["history"]>[number];
