import { z } from "zod";
import { terminalSizeSchema } from "./browser-channel.ts";
import { buildRequestSchema, numberedBuildEventSchema, stepSideSchema } from "./build.ts";
import { wireErrorSchema } from "./errors.ts";
import {
  buildIdSchema,
  commandIdSchema,
  playgroundIdSchema,
  sessionIdSchema,
  terminalIdSchema,
  workerIdSchema,
} from "./ids.ts";
import { imageSummarySchema } from "./image.ts";
import { launchRequestSchema, sessionReportSchema, stopCauseSchema } from "./session.ts";
import { hostContainerIdSchema } from "./session-host.ts";
import { ticketPublicKeySchema } from "./ticket.ts";
import type { QueryReply, WorkerQuery } from "./worker-query.ts";

/*
 * The channel between a worker and the control plane: socket.io, namespace `/agents`, dialled by the worker.
 * Every message is acknowledged. After each connect the worker sends `hello` with all that is alive and the control
 * plane answers `welcome` with all that should be; both then act on the difference.
 */

export const AGENTS_NAMESPACE = "/agents";
/** Path of the control plane's own socket.io endpoint. */
export const CONTROL_PLANE_SOCKET_PATH = "/control/socket.io";

/** What the worker presents in the handshake's `auth`. */
export const agentHandshakeSchema = z.object({
  protocolVersion: z.number().int(),
  joinToken: z.string().min(16).max(256),
});

export const workerCapacitySchema = z.object({
  sessions: z.number().int().nonnegative(),
  builds: z.number().int().nonnegative(),
  memoryBytes: z.number().int().nonnegative(),
  cpus: z.number().positive(),
});

export const helloSchema = z.object({
  workerId: workerIdSchema,
  version: z.string().max(64),
  /** Where the control plane, or an ingress, reaches this worker's gateway. */
  gatewayUrl: z.url(),
  capacity: workerCapacitySchema,
  /** Shown to people: the OCI runtime and whether it is the hardened tier. */
  runtime: z.object({ name: z.string().max(32), version: z.string().max(64), hardened: z.boolean() }),
  /** Reference names in the image store. */
  images: z.array(z.string().max(512)).max(10_000),
  /** Images that anybody may build on here: `node:latest`. */
  baseImages: z.array(z.string().max(512)).max(10_000),
  /** Sessions that the worker knows, ended ones included until the control plane has acknowledged their end. */
  sessions: z.array(sessionReportSchema).max(10_000),
  /** Builds under way or with events not yet acknowledged, with the number of events so far. */
  builds: z.array(z.object({ buildId: buildIdSchema, events: z.number().int().nonnegative() })).max(10_000),
});
export type Hello = z.infer<typeof helloSchema>;

export const welcomeSchema = z.object({
  ticketPublicKey: ticketPublicKeySchema,
  /** Domain of previews, with its port where it has one: `localhost:3000`. */
  previewDomain: z.string().min(1).max(253),
  /** Sessions that should be alive on this worker; any other is stopped. */
  sessions: z.array(sessionIdSchema),
  /** Builds of this worker that still matter, with the next event sequence wanted; any other is cancelled. */
  builds: z.array(z.object({ buildId: buildIdSchema, nextSequence: z.number().int().nonnegative() })),
});
export type Welcome = z.infer<typeof welcomeSchema>;

/** Commands are idempotent: a repeat of one that was carried out answers as the first did. */
export const workerCommandSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("build"), commandId: commandIdSchema, request: buildRequestSchema }),
  z.object({ kind: z.literal("cancel-build"), commandId: commandIdSchema, buildId: buildIdSchema }),
  z.object({ kind: z.literal("launch"), commandId: commandIdSchema, request: launchRequestSchema }),
  z.object({
    kind: z.literal("stop"),
    commandId: commandIdSchema,
    sessionId: sessionIdSchema,
    cause: stopCauseSchema.default("stopped-by-owner"),
  }),
  z.object({
    kind: z.literal("extend"),
    commandId: commandIdSchema,
    sessionId: sessionIdSchema,
    expiresAt: z.number().int().positive(),
  }),
  z.object({
    kind: z.literal("pause"),
    commandId: commandIdSchema,
    sessionId: sessionIdSchema,
    paused: z.boolean(),
  }),
  /** Opens one more shell in the session, in its main container or in one that docker made; it is in the reports from then on. */
  z.object({
    kind: z.literal("open-terminal"),
    commandId: commandIdSchema,
    sessionId: sessionIdSchema,
    terminalId: terminalIdSchema,
    size: terminalSizeSchema,
    container: hostContainerIdSchema.nullable().default(null),
  }),
  /** Keeps what the session has written as one more layer on its image, under `name`. Answered with the new image. */
  z.object({
    kind: z.literal("save-image"),
    commandId: commandIdSchema,
    sessionId: sessionIdSchema,
    name: z.string().min(1).max(255),
  }),
  /**
   * Makes an image of what a step of a build stands on, or of what it left behind. Answered with the image, which has no name and is
   * for its playground alone.
   */
  z.object({
    kind: z.literal("open-step"),
    commandId: commandIdSchema,
    playgroundId: playgroundIdSchema,
    buildId: buildIdSchema,
    step: z.number().int().nonnegative(),
    side: stepSideSchema,
  }),
]);
export type WorkerCommand = z.infer<typeof workerCommandSchema>;

export const replySchema = z.discriminatedUnion("ok", [
  z.object({
    ok: z.literal(true),
    /** What a `save-image` or an `open-step` made. */
    image: imageSummarySchema.optional(),
  }),
  z.object({ ok: z.literal(false), error: wireErrorSchema }),
]);
export type Reply = z.infer<typeof replySchema>;

/** Most build events in one message. */
export const BUILD_EVENT_BATCH = 256;

export const buildEventsSchema = z.object({
  buildId: buildIdSchema,
  events: z.array(numberedBuildEventSchema).min(1).max(BUILD_EVENT_BATCH),
});
export type BuildEvents = z.infer<typeof buildEventsSchema>;

/** Events that the control plane listens to; each is answered with a Reply unless another type is named. */
export interface WorkerToControlPlane {
  /** Answered with a Welcome on success. */
  hello: (
    hello: Hello,
    answer: (reply: { ok: true; welcome: Welcome } | Extract<Reply, { ok: false }>) => void,
  ) => void;
  "build-events": (batch: BuildEvents, answer: (reply: Reply) => void) => void;
  "session-report": (report: z.infer<typeof sessionReportSchema>, answer: (reply: Reply) => void) => void;
}

/** Events that a worker listens to. */
export interface ControlPlaneToWorker {
  command: (command: WorkerCommand, answer: (reply: Reply) => void) => void;
  query: (query: WorkerQuery, answer: (reply: QueryReply) => void) => void;
}
