import type { LaunchRequest, SessionId, SessionReport, TerminalId } from "@slipway/protocol";
import type { Terminal } from "../terminal/terminal.ts";

/**
 * Sessions of this worker: one container each for now, on a network, a disk, a cgroup and a uid range of its own.
 *
 * What a session is made of is written down before it is made, so that a worker that was killed finds it again: what
 * lives is adopted, what is half made or nobody's is removed. `starting → running → stopping → ended`; every change is
 * told to `onReport`.
 */
export interface Sessions {
  /** Accepts a launch and returns; reports tell how it goes. A session that is known already is left alone. */
  launch(request: LaunchRequest): Promise<void>;
  /** Ends a session because its owner wants it; resolves when nothing of it runs any more. */
  stop(id: SessionId): Promise<void>;
  /** Moves the moment at which the session expires, milliseconds since the epoch. */
  extend(id: SessionId, expiresAt: number): Promise<void>;
  /** Stops all sessions that are not in `wanted`. */
  keepOnly(wanted: ReadonlySet<SessionId>): Promise<void>;
  /** The newest report of every session, ended ones included until they are forgotten. */
  reports(): SessionReport[];
  /** Sessions that have not ended. */
  readonly count: number;
  /** The control plane has acknowledged this report. */
  acknowledged(report: SessionReport): void;
  terminal(session: SessionId, terminal: TerminalId): Terminal | null;
  /** IPv4 address of a running session. */
  address(session: SessionId): string | null;
  /** Adopts or removes what an earlier worker process left. Called once, before anything else. */
  recover(): Promise<void>;
  /** Ends every session with the cause `worker-stopped`. */
  endAll(): Promise<void>;
  /** Lets go of all sessions without ending them: they live on and the next worker process adopts them. */
  release(): void;
}
