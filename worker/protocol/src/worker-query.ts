import { z } from "zod";
import { type WireError, wireErrorSchema } from "./errors.ts";
import { imageAnswerSchemas, imageQueries } from "./image-view.ts";
import { sessionHostQueries, sessionHostSchema, sessionImageSchema } from "./session-host.ts";
import { sessionInsideSchema, sessionQueries, sessionUsageSchema } from "./session-inside.ts";

/*
 * Questions of the control plane to a worker, beside its commands: reads that change nothing. They have no id, are not sent
 * again and may be dropped. A further kind is a line in `workerQuerySchema`, one in `queryAnswerSchemas` and one in
 * worker/src/agent/answerers.ts.
 */

/** Longest time from the question to its answer. */
export const QUERY_TIMEOUT_MS = 60_000;

/** Room on the disk that a worker keeps images, disks and sessions on. */
export const workerDiskSchema = z.object({
  totalBytes: z.number().nonnegative(),
  freeBytes: z.number().nonnegative(),
});
export type WorkerDisk = z.infer<typeof workerDiskSchema>;

export const workerQuerySchema = z.discriminatedUnion("kind", [
  ...imageQueries,
  ...sessionHostQueries,
  ...sessionQueries,
  z.object({ kind: z.literal("worker-disk") }),
]);
export type WorkerQuery = z.infer<typeof workerQuerySchema>;
export type QueryKind = WorkerQuery["kind"];
export type QueryOf<Kind extends QueryKind> = Extract<WorkerQuery, { kind: Kind }>;

/** What each kind is answered with. Every list and text of an answer has a bound. */
export const queryAnswerSchemas = {
  ...imageAnswerSchemas,
  "session-host": sessionHostSchema,
  "session-image": sessionImageSchema,
  "session-inside": sessionInsideSchema,
  "session-usage": sessionUsageSchema,
  "worker-disk": workerDiskSchema,
} as const satisfies Record<QueryKind, z.ZodType>;
export type QueryAnswer<Kind extends QueryKind> = z.infer<(typeof queryAnswerSchemas)[Kind]>;

/** The frame of an answer, before the schema of its kind has looked at what is in it. */
export const queryReplySchema = z.discriminatedUnion("ok", [
  z.object({ ok: z.literal(true), answer: z.unknown() }),
  z.object({ ok: z.literal(false), error: wireErrorSchema }),
]);
export type QueryReply =
  | { readonly ok: true; readonly answer: unknown }
  | { readonly ok: false; readonly error: WireError };
