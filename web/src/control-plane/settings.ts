import type { BuildRequest } from "@slipway/protocol";
import type { OidcSettings } from "./account/auth.ts";
import type { RoleSettings } from "./account/role.ts";
import type { WebEnv } from "./env.ts";
import type { Quota } from "./quota/quota.ts";
import type { SessionPolicy } from "./session/session-policy.ts";

/*
 * The environment's variables in the terms of the parts that they are for.
 */

const MINUTE_MS = 60_000;

export const sessionPolicy = (env: WebEnv): SessionPolicy => ({
  limits: {
    memoryBytes: env.SLIPWAY_SESSION_MEMORY_BYTES,
    cpus: env.SLIPWAY_SESSION_CPUS,
    pids: env.SLIPWAY_SESSION_PIDS,
    diskBytes: env.SLIPWAY_SESSION_DISK_BYTES,
    openFiles: env.SLIPWAY_SESSION_OPEN_FILES,
    networkBytesPerSecond: env.SLIPWAY_SESSION_NETWORK_BYTES_PER_SECOND,
  },
  egress: env.SLIPWAY_SESSION_EGRESS,
  extendMs: env.SLIPWAY_SESSION_EXTEND_MINUTES * MINUTE_MS,
  maxMs: env.SLIPWAY_SESSION_MAX_MINUTES * MINUTE_MS,
});

/** What everybody may take where the operator has set nothing else for their role. */
export const quotaSettings = (env: WebEnv): Quota => ({
  sessions: env.SLIPWAY_SESSIONS_PER_PERSON,
  minutes: env.SLIPWAY_SESSION_MINUTES,
  memoryBytes: env.SLIPWAY_SESSION_MEMORY_BYTES,
  cpus: env.SLIPWAY_SESSION_CPUS,
  diskBytes: env.SLIPWAY_SESSION_DISK_BYTES,
  buildsPerHour: env.SLIPWAY_BUILDS_PER_HOUR,
});

export const buildLimits = (env: WebEnv): BuildRequest["limits"] => ({
  memoryBytes: env.SLIPWAY_BUILD_MEMORY_BYTES,
  cpus: env.SLIPWAY_BUILD_CPUS,
  pids: env.SLIPWAY_BUILD_PIDS,
  diskBytes: env.SLIPWAY_BUILD_DISK_BYTES,
  timeoutMs: env.SLIPWAY_BUILD_TIMEOUT_MINUTES * MINUTE_MS,
});

export const roleSettings = (env: WebEnv): RoleSettings => ({
  operators: env.SLIPWAY_ADMINS,
  teachers: env.SLIPWAY_TEACHERS,
});

export function oidcSettings(env: WebEnv): OidcSettings | null {
  const { SLIPWAY_OIDC_ISSUER: issuer, SLIPWAY_OIDC_CLIENT_ID: clientId } = env;
  const clientSecret = env.SLIPWAY_OIDC_CLIENT_SECRET;
  if (issuer === undefined || clientId === undefined || clientSecret === undefined) return null;
  return { issuer, clientId, clientSecret, name: env.SLIPWAY_OIDC_NAME };
}

export const graceMs = (env: WebEnv): number => env.SLIPWAY_WORKER_GRACE_SECONDS * 1000;
