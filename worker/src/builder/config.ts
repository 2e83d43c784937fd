import type { ExecutionConfig, ImageConfig } from "../oci/image-spec.ts";

/** PATH of an image that starts from nothing (BuildKit, util/system/path.go). */
export const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
export const DEFAULT_SHELL: readonly string[] = ["/bin/sh", "-c"];

/** Docker's extension of the OCI config (moby, image spec v1.2, "Healthcheck"): times in nanoseconds, 0 is the default. */
export interface Healthcheck {
  readonly Test: readonly string[];
  readonly Interval?: number;
  readonly Timeout?: number;
  readonly StartPeriod?: number;
  readonly StartInterval?: number;
  readonly Retries?: number;
}

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
  stopSignal: string;
  healthcheck: Healthcheck | null;
  /** Triggers as they are written, for images on top of this one. */
  onbuild: readonly string[];
  author: string;
  /** What an earlier image had and no instruction here changes. */
  readonly rest: ExecutionConfig;
}

/** Of `scratch`, as BuildKit has it (frontend/dockerfile/dockerfile2llb/image.go, emptyImage). */
export function emptyConfig(): MutableConfig {
  return configOf({ config: { Env: [`PATH=${DEFAULT_PATH}`], WorkingDir: "/" } });
}

export function configOf(image: Pick<ImageConfig, "config"> & { readonly author?: unknown }): MutableConfig {
  const config: ExecutionConfig = image.config ?? {};
  const { Healthcheck: healthcheck, OnBuild: onbuild, Shell: shell, ...rest } = config;
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
    stopSignal: config.StopSignal ?? "",
    healthcheck: healthcheckOf(healthcheck),
    onbuild: Array.isArray(onbuild) ? onbuild.map(String) : [],
    author: typeof image.author === "string" ? image.author : "",
    rest,
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
    ...(config.healthcheck === null ? {} : { Healthcheck: config.healthcheck }),
    ...(config.volumes.size === 0 ? {} : { Volumes: empties(config.volumes) }),
    ...(config.workingDir === "" ? {} : { WorkingDir: config.workingDir }),
    ...(config.labels.size === 0 ? {} : { Labels: Object.fromEntries(config.labels) }),
    ...(config.onbuild.length === 0 ? {} : { OnBuild: [...config.onbuild] }),
    ...(config.stopSignal === "" ? {} : { StopSignal: config.stopSignal }),
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

/** A base image's own, as it stands there; null for what is none. */
function healthcheckOf(value: unknown): Healthcheck | null {
  if (typeof value !== "object" || value === null || !("Test" in value) || !Array.isArray(value.Test))
    return null;
  return { ...value, Test: value.Test.map(String) };
}

export type HistoryEntry = NonNullable<ImageConfig["history"]>[number];
