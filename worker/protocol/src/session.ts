import { z } from "zod";
import { terminalSizeSchema } from "./browser-channel.ts";
import { wireErrorSchema } from "./errors.ts";
import { digestSchema, sessionIdSchema, terminalIdSchema } from "./ids.ts";

/** `queued → starting → running → stopping → ended`; a worker knows only the last four. */
export const sessionStateSchema = z.enum(["queued", "starting", "running", "stopping", "ended"]);
export type SessionState = z.infer<typeof sessionStateSchema>;

/** Why a session ended. A person always sees it, with the metric behind it. */
export const endCauseSchema = z.enum([
  "stopped-by-owner",
  "stopped-by-operator",
  "expired",
  "command-exited",
  "out-of-memory",
  "disk-quota",
  "launch-failed",
  "worker-stopped",
  "worker-lost",
]);
export type EndCause = z.infer<typeof endCauseSchema>;

/** Who has a session stopped. */
export const stopCauseSchema = endCauseSchema.extract(["stopped-by-owner", "stopped-by-operator"]);
export type StopCause = z.infer<typeof stopCauseSchema>;

/** A figure with its name and unit, such as `memory.usage`, 268435456, `bytes`. */
export const metricSchema = z.object({
  name: z.string().max(64),
  value: z.number(),
  unit: z.string().max(16),
});
export type Metric = z.infer<typeof metricSchema>;

export const sessionEndSchema = z.object({
  cause: endCauseSchema,
  exitCode: z.number().int().nullable(),
  /** The figure behind the cause, such as the memory limit that was reached. */
  metric: metricSchema.nullable(),
  error: wireErrorSchema.nullable(),
});
export type SessionEnd = z.infer<typeof sessionEndSchema>;

/** What of a session is limited. `inodes` is the other way for a disk to be full. */
export const sessionLimitNameSchema = z.enum([
  "memory",
  "cpu",
  "pids",
  "disk",
  "inodes",
  "open-files",
  "network-rate",
  "time",
]);
export type SessionLimitName = z.infer<typeof sessionLimitNameSchema>;

/** The process that a limit met. Its name is what the process calls itself: a stranger's text. */
export const limitedProcessSchema = z.object({
  name: z.string().max(64),
  /** Its pid as the session's main container sees it, where that could be told. */
  pid: z.number().int().positive().nullable(),
  /** Resident memory when it was killed, bytes; null for other limits. */
  memoryBytes: z.number().int().nonnegative().nullable(),
  /** True when the kernel killed it for the limit. */
  killed: z.boolean(),
});
export type LimitedProcess = z.infer<typeof limitedProcessSchema>;

/**
 * A limit of a session was reached. One that is reached again and again is one event that counts, so that a session
 * never has more than MAX_LIMIT_EVENTS.
 */
export const limitEventSchema = z.object({
  /** Rises by one with every event of the session. */
  id: z.number().int().nonnegative(),
  limit: sessionLimitNameSchema,
  /** What was measured when it was reached. */
  metric: metricSchema,
  /** The limit itself, in the unit of the metric. */
  allowed: z.number(),
  process: limitedProcessSchema.nullable(),
  /** First and last time, milliseconds since the epoch. */
  firstAt: z.number().int().positive(),
  lastAt: z.number().int().positive(),
  count: z.number().int().positive(),
});
export type LimitEvent = z.infer<typeof limitEventSchema>;

/** Most limit events of one session; the newest are kept. */
export const MAX_LIMIT_EVENTS = 32;

/** Where nothing is said: 100 Mbit/s. */
export const DEFAULT_NETWORK_BYTES_PER_SECOND = 12_500_000;

/** Limits of a session as a whole, all its containers together. */
export const sessionLimitsSchema = z.object({
  memoryBytes: z.number().int().positive(),
  cpus: z.number().positive(),
  pids: z.number().int().positive(),
  diskBytes: z.number().int().positive(),
  /** Of each process. */
  openFiles: z.number().int().positive(),
  /** Each way, between the session and the world; bytes per second. */
  networkBytesPerSecond: z.number().int().positive().default(DEFAULT_NETWORK_BYTES_PER_SECOND),
});
export type SessionLimits = z.infer<typeof sessionLimitsSchema>;

/**
 * Where packets of a session may go. `packages-only`: to the hosts that the operator lists as sources of packages. `internet`
 * still excludes private ranges, link-local and the worker itself.
 */
export const egressPolicySchema = z.enum(["none", "packages-only", "internet"]);
export type EgressPolicy = z.infer<typeof egressPolicySchema>;

export const launchRequestSchema = z.object({
  sessionId: sessionIdSchema,
  /** Manifest digest of an image in the worker's image store. */
  image: digestSchema,
  limits: sessionLimitsSchema,
  egress: egressPolicySchema,
  /** Milliseconds since the epoch. */
  expiresAt: z.number().int().positive(),
  /** `command`: what the image says (ENTRYPOINT, CMD); `shell`: a shell instead of it. */
  start: z.enum(["command", "shell"]),
  /**
   * Ids for the two terminals that a launch opens: `main` is the pty of the container's main process, `shell` a shell
   * beside it. There is no `shell` where the main process is a shell already or the image has none.
   */
  terminals: z.object({ main: terminalIdSchema, shell: terminalIdSchema }),
  size: terminalSizeSchema,
});
export type LaunchRequest = z.infer<typeof launchRequestSchema>;

/** A TCP port of a session: found listening, or promised by EXPOSE. */
export const sessionPortSchema = z.object({
  port: z.number().int().min(1).max(65_535),
  listening: z.boolean(),
  exposed: z.boolean(),
  /** Listens on 127.0.0.1 only, so that nothing outside the container reaches it. */
  loopbackOnly: z.boolean(),
});
export type SessionPort = z.infer<typeof sessionPortSchema>;

export const sessionTerminalSchema = z.object({
  terminalId: terminalIdSchema,
  kind: z.enum(["main", "shell"]),
  /** Name of the container that docker made and a shell is in, as it was then; null for the main container. */
  container: z.string().max(128).nullable().default(null),
  exitCode: z.number().int().nullable(),
});
export type SessionTerminal = z.infer<typeof sessionTerminalSchema>;

/** Most terminals of one session. */
export const MAX_TERMINALS = 16;
/** Most ports that one report names; the lowest are kept. */
export const MAX_REPORTED_PORTS = 64;

/** What a worker knows of a session at one moment. The newest report (highest `revision`) wins. */
export const sessionReportSchema = z.object({
  sessionId: sessionIdSchema,
  revision: z.number().int().nonnegative(),
  state: sessionStateSchema,
  /** True while all processes of a running session stand still. */
  paused: z.boolean().default(false),
  terminals: z.array(sessionTerminalSchema).max(MAX_TERMINALS),
  ports: z.array(sessionPortSchema).max(MAX_REPORTED_PORTS),
  limitEvents: z.array(limitEventSchema).max(MAX_LIMIT_EVENTS).default([]),
  /** Until when an ended session's writable layer can be saved or exported, milliseconds since the epoch; null: not. */
  filesKeptUntil: z.number().int().positive().nullable().default(null),
  end: sessionEndSchema.nullable(),
});
export type SessionReport = z.infer<typeof sessionReportSchema>;
