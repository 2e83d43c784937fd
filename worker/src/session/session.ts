import type { Readable } from "node:stream";
import type {
  Digest,
  ImageSummary,
  LaunchRequest,
  SessionId,
  SessionInside,
  SessionReport,
  SessionUsage,
  StopCause,
  TerminalId,
  TerminalSize,
} from "@slipway/protocol";
import type { Terminal } from "../terminal/terminal.ts";
import type { ContainerFiles } from "./files/container-files.ts";
import type { SessionHost } from "./session-host.ts";

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
  /** Ends a session because its owner, or the operator, wants it; resolves when nothing of it runs any more. */
  stop(id: SessionId, cause?: StopCause): Promise<void>;
  /** Moves the moment at which the session expires, milliseconds since the epoch. */
  extend(id: SessionId, expiresAt: number): Promise<void>;
  /**
   * Makes all processes of a running session stand still, or go on. Idempotent. A paused session expires as any other.
   * @throws session-missing, session-not-running
   */
  pause(id: SessionId, paused: boolean): Promise<void>;
  /**
   * Opens one more shell in a running session: in its main container, or in one that docker made, by its id. Idempotent by
   * `terminal`. The oldest shell that has ended makes room where the session has as many terminals as it may.
   * @throws session-missing, session-not-running, terminal-limit, command-not-found, container-missing, container-conflict
   */
  openTerminal(
    id: SessionId,
    terminal: TerminalId,
    size: TerminalSize,
    container?: string | null,
  ): Promise<void>;
  /**
   * Keeps what the session has written as one more layer on its image, under a name in the repositories of playgrounds
   * (`slipway/…`). Running processes stand still meanwhile. Works also after the end, for as long as the files are kept.
   * @throws session-missing, session-files-gone, request-invalid, disk-full, store-full
   */
  saveImage(id: SessionId, name: string): Promise<ImageSummary>;
  /**
   * What the session has written, as a layer of its image: a tar with whiteouts (layer.md of the OCI image spec). All of one
   * moment; processes stand still only until it is copied. Whoever gets the stream reads it to its end or destroys it.
   * @throws session-missing, session-files-gone, disk-full, store-full
   */
  exportChanges(id: SessionId): Promise<Readable>;
  /** Files of its main container. @throws session-missing, session-not-running */
  containerFiles(id: SessionId): ContainerFiles;
  /** Where the process of a terminal is, or the main process; `/` where neither is known. Rejects as `containerFiles` throws. */
  currentDirectory(id: SessionId, terminal: TerminalId | null): Promise<string>;
  /**
   * What a running session uses, and what it looks like from outside, as of a moment ago (LOOK_AGE_MS).
   * @throws session-missing, session-not-running
   */
  usage(id: SessionId): Promise<SessionUsage>;
  inside(id: SessionId): Promise<SessionInside>;
  /** Stops all sessions that are not in `wanted`. */
  keepOnly(wanted: ReadonlySet<SessionId>): Promise<void>;
  /** The newest report of every session, ended ones included until they are forgotten. */
  reports(): SessionReport[];
  /** Sessions that have not ended. */
  readonly count: number;
  /** Starts that are prepared for launches to come. */
  readonly prepared: number;
  /** The control plane has acknowledged this report. */
  acknowledged(report: SessionReport): void;
  terminal(session: SessionId, terminal: TerminalId): Terminal | null;
  /**
   * As `terminal`, but waits, for some seconds at most, for one that a launch is about to open, or whose launch is yet to
   * come: a browser may be faster than the control plane.
   */
  awaitTerminal(session: SessionId, terminal: TerminalId): Promise<Terminal | null>;
  /** Somebody may launch this image soon: its start is prepared when there is time for it. */
  expectLaunch(image: Digest): void;
  /** What a running session is to docker clients in it. */
  host(session: SessionId): SessionHost | null;
  /** IPv4 address of a running session. */
  address(session: SessionId): string | null;
  /**
   * Adopts what lives of an earlier worker process. `swept` resolves when the rest of what it left is removed, which launches
   * wait for by themselves. Called once, before anything else.
   */
  recover(): Promise<{ readonly swept: Promise<void> }>;
  /** Ends every session, and what was prepared for further ones, with the cause `worker-stopped`. */
  endAll(): Promise<void>;
  /**
   * Lets go of all sessions without ending them: they live on and the next worker process adopts them. What was prepared for
   * further ones is removed.
   */
  release(): Promise<void>;
}
