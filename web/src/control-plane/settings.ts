import type { BuildRequest } from "@slipway/protocol";
import type { WebEnv } from "./env.ts";
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
  sessionMs: env.SLIPWAY_SESSION_MINUTES * MINUTE_MS,
  extendMs: env.SLIPWAY_SESSION_EXTEND_MINUTES * MINUTE_MS,
  maxMs: env.SLIPWAY_SESSION_MAX_MINUTES * MINUTE_MS,
  perPerson: env.SLIPWAY_SESSIONS_PER_PERSON,
});

export const buildLimits = (env: WebEnv): BuildRequest["limits"] => ({
  memoryBytes: env.SLIPWAY_BUILD_MEMORY_BYTES,
  cpus: env.SLIPWAY_BUILD_CPUS,
  pids: env.SLIPWAY_BUILD_PIDS,
  diskBytes: env.SLIPWAY_BUILD_DISK_BYTES,
  timeoutMs: env.SLIPWAY_BUILD_TIMEOUT_MINUTES * MINUTE_MS,
});

export const graceMs = (env: WebEnv): number => env.SLIPWAY_WORKER_GRACE_SECONDS * 1000;
