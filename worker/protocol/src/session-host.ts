import { z } from "zod";
import { digestSchema, sessionIdSchema } from "./ids.ts";

/*
 * What `docker` has made in a session: its containers and its images, as the page shows them. Names, commands and labels are a
 * stranger's text.
 */

const moment = z.number().int().nonnegative();
const port = z.number().int().min(1).max(65_535);

/** Most containers, ports of one, images, and names of one that are told. */
export const MAX_HOST_CONTAINERS = 100;
export const MAX_HOST_PORTS = 32;
export const MAX_HOST_IMAGES = 100;
export const MAX_HOST_NAMES = 16;
/** Longest name and command line that is told, characters. */
export const HOST_TEXT_CHARACTERS = 256;

/** A container that docker made, by its whole id. */
export const hostContainerIdSchema = z.string().regex(/^[0-9a-f]{64}$/);

export const hostContainerSchema = z.object({
  id: hostContainerIdSchema,
  name: z.string().max(HOST_TEXT_CHARACTERS),
  image: z.string().max(HOST_TEXT_CHARACTERS),
  command: z.string().max(HOST_TEXT_CHARACTERS),
  state: z.enum(["created", "starting", "running", "paused", "restarting", "exited"]),
  /** Of its last run; null while it runs and before. */
  exitCode: z.number().int().nullable(),
  health: z.enum(["starting", "healthy", "unhealthy"]).nullable(),
  /** When it was made, and when it came to its state; milliseconds since the epoch. */
  createdAt: moment,
  since: moment,
  /** `hostPort` of the session leads to `port` of the container. */
  ports: z.array(z.object({ port, hostPort: port, protocol: z.enum(["tcp", "udp"]) })).max(MAX_HOST_PORTS),
});
export type HostContainer = z.infer<typeof hostContainerSchema>;

export const hostImageSchema = z.object({
  /** Docker's image id, the digest of its config. */
  id: digestSchema,
  /** `node:latest`; none for an image that lost its name. */
  names: z.array(z.string().max(HOST_TEXT_CHARACTERS)).max(MAX_HOST_NAMES),
  bytes: z.number().int().nonnegative(),
  createdAt: moment,
});
export type HostImage = z.infer<typeof hostImageSchema>;

export const sessionHostSchema = z.object({
  /** In the order in which they were made. */
  containers: z.array(hostContainerSchema).max(MAX_HOST_CONTAINERS),
  images: z.array(hostImageSchema).max(MAX_HOST_IMAGES),
  /** There are more than are told. */
  cut: z.boolean(),
});
export type SessionHostView = z.infer<typeof sessionHostSchema>;

/** An image that docker has in a session, by the digest of its manifest: as all other questions about images name it. */
export const sessionImageSchema = z.object({ digest: digestSchema });
export type SessionImage = z.infer<typeof sessionImageSchema>;

/** Answered with `session-not-running` where there is nothing to see, and with `image-missing` where docker has no such image. */
export const sessionHostQueries = [
  z.object({ kind: z.literal("session-host"), session: sessionIdSchema }),
  z.object({ kind: z.literal("session-image"), session: sessionIdSchema, imageId: digestSchema }),
] as const;
