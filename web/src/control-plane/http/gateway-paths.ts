import {
  exportPath,
  recordingPath,
  type SessionId,
  sessionIdSchema,
  terminalIdSchema,
} from "@slipway/protocol";

/**
 * The session whose file a path names, or null for all other paths. Nothing of a worker's gateway can be reached through our own
 * host but what is named here.
 */
export function sessionOfFile(pathname: string): SessionId | null {
  const [, , , session, terminal] = pathname.split("/");
  const owner = sessionIdSchema.safeParse(session);
  if (!owner.success) return null;
  if (pathname === exportPath(owner.data)) return owner.data;
  const recorded = terminalIdSchema.safeParse(terminal);
  return recorded.success && pathname === recordingPath(owner.data, recorded.data) ? owner.data : null;
}
