import {
  DOCKER_PREFIX,
  exportPath,
  filesPath,
  recordingPath,
  type SessionId,
  sessionIdSchema,
  terminalIdSchema,
} from "@slipway/protocol";

/** Whether a request to such a path may bring a file: only files of containers are written. */
export const takesFile = (pathname: string, session: SessionId, method: string | undefined): boolean =>
  method === "PUT" && pathname === filesPath(session);

/** The session whose Engine API a path leads to, or null for all other paths. */
export function sessionOfDocker(pathname: string): SessionId | null {
  if (!pathname.startsWith(`${DOCKER_PREFIX}/`)) return null;
  const session = sessionIdSchema.safeParse(pathname.slice(DOCKER_PREFIX.length + 1).split("/", 1)[0]);
  return session.success ? session.data : null;
}

/**
 * The session whose file a path names, or null for all other paths. Nothing of a worker's gateway can be reached through our own
 * host but what is named here.
 */
export function sessionOfFile(pathname: string): SessionId | null {
  const [, , , session, terminal] = pathname.split("/");
  const owner = sessionIdSchema.safeParse(session);
  if (!owner.success) return null;
  if (pathname === exportPath(owner.data) || pathname === filesPath(owner.data)) return owner.data;
  const recorded = terminalIdSchema.safeParse(terminal);
  return recorded.success && pathname === recordingPath(owner.data, recorded.data) ? owner.data : null;
}
