import { randomBytes } from "node:crypto";
import { type SessionId, type TerminalId, terminalIdSchema } from "@slipway/protocol";
import { z } from "zod";

/** Bytes of a container's short id; Docker shows twelve hexadecimal digits. */
const ID_BYTES = 6;
/** Characters of the session id that were its container's host name before places had ids. */
const FORMER_HOSTNAME_LENGTH = 12;

/**
 * The names of what one session is made of on this worker. They have nothing of the session's own id in them, so that all of it
 * can be made before anybody launches it.
 */
export const placeSchema = z.object({
  /** Of network, disk and control group. */
  name: z.string().regex(/^[a-z0-9]{1,32}$/),
  /** The main container. */
  container: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/),
  /** What the main container calls itself: its own short id. */
  hostname: z.string().regex(/^[a-z0-9]{1,63}$/),
  /** Under which the terminals know the pty of the main process; a launch has an id of its own for it. */
  main: terminalIdSchema,
});
export type Place = z.infer<typeof placeSchema>;

export function newPlace(): Place {
  const id = randomBytes(ID_BYTES).toString("hex");
  return { name: id, container: id, hostname: id, main: terminalIdSchema.parse(`t${id}`) };
}

/** The names of a session that was launched before places had ids. */
export function formerPlace(session: SessionId, main: TerminalId): Place {
  return {
    name: session,
    container: `${session}-main`,
    hostname: session.slice(0, FORMER_HOSTNAME_LENGTH),
    main,
  };
}
