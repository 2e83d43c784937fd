import { z } from "zod";
import { sessionIdSchema, terminalIdSchema } from "./ids.ts";

/** Issuer of all tickets, the `iss` claim (RFC 7519 section 4.1.1). */
export const TICKET_ISSUER = "slipway";
/** Tickets are JSON Web Tokens signed with Ed25519 (RFC 8037). */
export const TICKET_ALGORITHM = "EdDSA";

/** What a ticket lets its bearer do on a worker, besides the registered claims `iss`, `iat` and `exp`. */
export const ticketGrantSchema = z.discriminatedUnion("right", [
  z.object({
    right: z.literal("terminal"),
    session: sessionIdSchema,
    terminal: terminalIdSchema,
    role: z.enum(["view", "drive"]),
  }),
  /** To fetch a session's writable layer as a tar. */
  z.object({ right: z.literal("export"), session: sessionIdSchema }),
  /** To read and write files of a session's main container, as somebody who types in its terminals can. */
  z.object({ right: z.literal("files"), session: sessionIdSchema }),
  /**
   * To be answered as a docker client of the session. `generation`: the control plane lets pass what has the session's present one, so
   * that an address can be taken back before it ends; workers don't look at it.
   */
  z.object({
    right: z.literal("docker"),
    session: sessionIdSchema,
    generation: z.number().int().nonnegative().optional(),
  }),
  z.object({ right: z.literal("port"), session: sessionIdSchema, port: z.number().int().min(1).max(65_535) }),
]);
export type TicketGrant = z.infer<typeof ticketGrantSchema>;

/** Below it is the Engine API of a session on the gateway: `<prefix>/<session>/<ticket>/v1.41/…`. */
export const DOCKER_PREFIX = "/gateway/docker";
export const dockerPath = (session: string, ticket: string): string =>
  `${DOCKER_PREFIX}/${session}/${ticket}`;

/** Path of the writable layer of a session as a tar on the gateway; its ticket is the query's `ticket`. */
export const exportPath = (session: string): string => `/gateway/exports/${session}`;

/** An Ed25519 public key as a JSON Web Key (RFC 8037 section 2). */
export const ticketPublicKeySchema = z.object({
  kty: z.literal("OKP"),
  crv: z.literal("Ed25519"),
  x: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
});
export type TicketPublicKey = z.infer<typeof ticketPublicKeySchema>;
