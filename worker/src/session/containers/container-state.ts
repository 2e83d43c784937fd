import { z } from "zod";

/** Where a published port ended up. */
export const publishedPortSchema = z.object({
  port: z.number().int(),
  protocol: z.enum(["tcp", "udp"]),
  hostPort: z.number().int(),
  hostAddress: z.string(),
});
export type PublishedPort = z.infer<typeof publishedPortSchema>;

const runSchema = z.object({
  /** Milliseconds since the epoch. */
  startedAt: z.number().int(),
  /** To which published ports lead; null where it has none. */
  address: z.string().nullable(),
  /** Its addresses by name of the network. */
  ends: z.record(z.string(), z.string()).default({}),
  ports: z.array(publishedPortSchema),
  /** Variables that it was started with beside those of its order. */
  linkedEnv: z.array(z.string()).default([]),
});
export type Run = z.infer<typeof runSchema>;

const pastSchema = z.object({
  startedAt: z.number().int(),
  finishedAt: z.number().int(),
  exitCode: z.number().int(),
  outOfMemory: z.boolean(),
  /** What kept it from starting; "" where it ran. */
  error: z.string(),
});

/**
 * `created → running ⇄ paused → exited → running …`; `restarting` waits to run again by its policy. A record that says
 * `starting` was cut off.
 */
export const containerStateSchema = z.discriminatedUnion("status", [
  z.object({ status: z.literal("created") }),
  z.object({ status: z.literal("starting") }),
  z.object({ status: z.literal("running"), ...runSchema.shape }),
  z.object({ status: z.literal("paused"), ...runSchema.shape }),
  z.object({ status: z.literal("restarting"), ...pastSchema.shape }),
  z.object({ status: z.literal("exited"), ...pastSchema.shape }),
]);
export type ContainerState = z.infer<typeof containerStateSchema>;
export type PastRun = z.infer<typeof pastSchema>;
