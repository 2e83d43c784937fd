import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex, Readable } from "node:stream";
import type { SessionId, TerminalId, TicketPublicKey } from "@slipway/protocol";
import type { ContainerFiles } from "../session/files/container-files.ts";
import type { Terminal } from "../terminal/terminal.ts";

/**
 * What browsers reach of a worker: terminals over socket.io, ports of sessions as sites of their own, and its state for
 * those who watch it. Everything but the state needs a ticket signed by the control plane (protocol's ticket.ts).
 *
 * One HTTP server tells them apart: a `Host` that is a preview's goes to that session's port, whatever the path; any
 * other host has the terminals and the other routes of protocol. /healthz, /readyz and /metrics answer to the gateway's own
 * names only.
 */
export interface Gateway {
  /** Starts to listen and tells where. Port 0 takes a free one. */
  listen(address: string, port: number): Promise<{ address: string; port: number }>;
  /** What the control plane said at the last `welcome`. Until the first one nobody is let in. */
  configure(configuration: GatewayConfiguration): void;
  /** Ends all connections to a session. To be called before its network goes: the address may be another one's then. */
  sessionEnds(session: SessionId): void;
  /** Stops listening and ends all connections. */
  close(): Promise<void>;
}

export interface GatewayConfiguration {
  readonly ticketPublicKey: TicketPublicKey;
  /** With its port, if it has one: `localhost:3000`. */
  readonly previewDomain: string;
}

/**
 * Where the gateway finds terminals. A browser may connect in the very moment of a launch: `find` may then wait until the
 * session has its terminals, bounded by whoever launches. Null when there is no such terminal and none is about to be.
 */
export interface TerminalDirectory {
  find(session: SessionId, terminal: TerminalId): Promise<Terminal | null>;
}

/** Where the gateway finds the addresses of sessions; null when there is no such session or it has ended. */
export interface PreviewTargets {
  address(session: SessionId): string | null;
}

/** Where the gateway finds what a session wrote. */
export interface SessionFiles {
  /**
   * The writable layer as a tar. Whoever gets the stream reads it to its end or destroys it.
   * @throws session-missing, session-files-gone
   */
  exportChanges(session: SessionId): Promise<Readable>;
}

/** Where the gateway finds the files of containers; see Sessions. */
export interface ContainerFilesDirectory {
  /** @throws session-missing, session-not-running */
  containerFiles(session: SessionId): ContainerFiles;
  currentDirectory(session: SessionId, terminal: TerminalId | null): Promise<string>;
}

/** Where the gateway hands over docker clients that it has let in. */
export interface DockerHosts {
  /** @throws session-not-running */
  request(session: SessionId, request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** @throws session-not-running */
  upgrade(session: SessionId, request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void>;
}

/** A part of the gateway's own host, below a path of its own. */
export interface GatewayRoute {
  /** `path`: without the query. */
  matches(path: string): boolean;
  /** Answers, whatever happens; never rejects. */
  request(request: IncomingMessage, response: ServerResponse): Promise<void>;
}
