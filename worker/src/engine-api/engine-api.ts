import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Digest, SessionHostView } from "@slipway/protocol";
import type { SessionHost } from "../session/session-host.ts";

/**
 * The Docker Engine API of this worker's sessions: one unix socket per session, which serves that session and knows of no
 * other. It is at `docker.sock` in a directory that the session's containers see (engine-socket.ts); a worker that comes back
 * listens there again, and clients find it at the same path.
 */
export interface EngineApi {
  /** Begins to answer for a running session. Idempotent by session. */
  serve(session: SessionHost): Promise<void>;
  /** Answers a request that came another way and was let in. @throws session-not-running */
  request(session: SessionHost["id"], request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** The same for one that asks for an upgrade. @throws session-not-running */
  upgrade(session: SessionHost["id"], request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void>;
  /** Ends all connections of a session, and its socket. A session that is not served is no error. */
  end(session: SessionHost["id"]): Promise<void>;
  /** What docker has made in a session. */
  view(session: SessionHost): Promise<SessionHostView>;
  /** Manifest of an image that docker has in a session, by its image id. @throws image-missing */
  manifest(session: SessionHost, imageId: Digest): Promise<Digest>;
  /** Ends all connections; sockets' directories stay for the worker that comes next. */
  close(): Promise<void>;
}
