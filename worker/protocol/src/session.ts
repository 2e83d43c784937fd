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
  "expired",
  "command-exited",
  "out-of-memory",
  "disk-quota",
  "launch-failed",
  "worker-stopped",
  "worker-lost",
]);
export type EndCause = z.infer<typeof endCauseSchema>;

export const sessionEndSchema = z.object({
  cause: endCauseSchema,
  exitCode: z.number().int().nullable(),
  /** The figure behind the cause, such as the memory limit that was reached. */
  metric: z.object({ name: z.string().max(64), value: z.number(), unit: z.string().max(16) }).nullable(),
  error: wireErrorSchema.nullable(),
});
export type SessionEnd = z.infer<typeof sessionEndSchema>;

/** Limits of a session as a whole, all its containers together. */
export const sessionLimitsSchema = z.object({
  memoryBytes: z.number().int().positive(),
  cpus: z.number().positive(),
  pids: z.number().int().positive(),
  diskBytes: z.number().int().positive(),
  openFiles: z.number().int().positive(),
});
export type SessionLimits = z.infer<typeof sessionLimitsSchema>;

/** Where packets of a session may go. `internet` still excludes private ranges, link-local and the worker itself. */
export const egressPolicySchema = z.enum(["none", "internet"]);
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
  terminals: z.array(sessionTerminalSchema).max(MAX_TERMINALS),
  ports: z.array(sessionPortSchema).max(MAX_REPORTED_PORTS),
  end: sessionEndSchema.nullable(),
});
export type SessionReport = z.infer<typeof sessionReportSchema>;
