import type {
  BuildId,
  PlaygroundId,
  SessionEnd,
  SessionId,
  SessionLimits,
  SessionPort,
  SessionState,
  SessionTerminal,
  TerminalId,
  TerminalSize,
} from "@slipway/protocol";

/** What a session runs on, shown to people: the OCI runtime and whether it is the hardened tier. */
export interface SessionRuntime {
  readonly name: string;
  readonly hardened: boolean;
}

/** A session as people see it. Times are milliseconds since the epoch. */
export interface SessionView {
  readonly id: SessionId;
  readonly playgroundId: PlaygroundId;
  readonly buildId: BuildId;
  readonly state: SessionState;
  readonly start: SessionStart;
  readonly createdAt: number;
  readonly startedAt: number | null;
  /** When it ends by itself. */
  readonly expiresAt: number;
  readonly endedAt: number | null;
  /** There when `state` is `ended`. */
  readonly end: SessionEnd | null;
  readonly terminals: readonly SessionTerminal[];
  readonly ports: readonly SessionPort[];
  readonly limits: SessionLimits;
  /** Null until a worker has taken it. */
  readonly runtime: SessionRuntime | null;
}

/** `command`: what the image says; `shell`: a shell instead of it. */
export type SessionStart = "command" | "shell";

export interface LaunchOrder {
  readonly playgroundId: PlaygroundId;
  readonly start: SessionStart;
  readonly size: TerminalSize;
}

export interface TerminalTicket {
  readonly ticket: string;
  readonly expiresAt: number;
}

/** Sessions as people use them. Callers have checked the ownership. */
export interface Sessions {
  /**
   * Launches the image of the newest successful build. When a session of the same build and the same `start` lives, that
   * one is the answer (so a repeated click launches once); a session of an older build is stopped first.
   * @throws image-missing without a successful build, session-limit
   */
  launch(ownerId: string, order: LaunchOrder): Promise<SessionView>;
  /** `stopping` at once; the end follows by `watch`. An ended session stays as it is. */
  stop(id: SessionId): Promise<SessionView>;
  /** Moves the end by one step, up to the longest time of a session. @throws session-missing when it has ended */
  extend(id: SessionId): Promise<SessionView>;
  get(id: SessionId): Promise<SessionView>;
  /** The present view, then one per change; ends when the session has ended. */
  watch(id: SessionId, signal: AbortSignal): AsyncGenerator<SessionView, void>;
  /** To drive the terminal; of an ended session, to read what it printed. @throws terminal-missing */
  terminalTicket(id: SessionId, terminalId: TerminalId): Promise<TerminalTicket>;
  /** The address that opens a port in a browser; it carries a ticket. @throws session-missing when it has ended */
  previewUrl(id: SessionId, port: number): Promise<string>;
}
