import type {
  BuildId,
  EgressPolicy,
  ImageSummary,
  LimitEvent,
  PlaygroundId,
  SessionEnd,
  SessionId,
  SessionLimits,
  SessionPort,
  SessionState,
  SessionTerminal,
  StepSide,
  TerminalId,
  TerminalSize,
} from "@slipway/protocol";
import type { Quota } from "../quota/quota.ts";
import type { QueuePlace } from "./launch-queue.ts";

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
  /** The saved image that it runs; null: the one of the build. */
  readonly savedImageId: string | null;
  /** The step of the build whose files it runs on, for a terminal into a build; null for all others. */
  readonly step: { readonly step: number; readonly side: StepSide } | null;
  readonly state: SessionState;
  readonly start: SessionStart;
  readonly createdAt: number;
  readonly startedAt: number | null;
  /** When it ends by itself. */
  readonly expiresAt: number;
  readonly endedAt: number | null;
  /** There when `state` is `ended`. */
  readonly end: SessionEnd | null;
  /** What the operator who stopped it told its owner; a stranger's text. */
  readonly stopReason: string | null;
  /** Where a queued one stands in line, as far as that was looked up. */
  readonly queue: QueuePlace | null;
  /** True while all of its processes stand still. */
  readonly paused: boolean;
  /** Until it runs those that there will be, which can be connected to already. */
  readonly terminals: readonly SessionTerminal[];
  readonly ports: readonly SessionPort[];
  readonly limits: SessionLimits;
  readonly egress: EgressPolicy;
  /** Limits that it reached, the oldest first. They stay when it has ended. */
  readonly limitEvents: readonly LimitEvent[];
  /** Until when what an ended session wrote can be saved or exported; null: not. */
  readonly filesKeptUntil: number | null;
  /** Null until a worker has taken it. */
  readonly runtime: SessionRuntime | null;
}

/** `command`: what the image says; `shell`: a shell instead of it. */
export type SessionStart = "command" | "shell";

/** A step of a build of the playground. */
export interface StepOrder {
  readonly buildId: string;
  readonly step: number;
  readonly side: StepSide;
}

/** What to launch, where it is no image that the playground has by name. */
export interface OpenedStep {
  readonly image: ImageSummary;
  readonly workerId: string;
}

export interface LaunchOrder {
  readonly playgroundId: PlaygroundId;
  readonly start: SessionStart;
  readonly size: TerminalSize;
  /** What its owner may take. */
  readonly quota: Quota;
  /** Instead of the image of the newest build. */
  readonly savedImageId: string | null;
  /** Instead of any image: the files as they were at a step of a build. */
  readonly step: StepOrder | null;
}

export interface TerminalTicket {
  readonly terminalId: TerminalId;
  readonly ticket: string;
  readonly expiresAt: number;
}

/** The host of a docker context. */
export interface DockerAddress {
  /** `tcp://localhost:3000/…`, with a ticket. */
  readonly host: string;
  /** It is spoken to over TLS. */
  readonly isSecure: boolean;
  readonly expiresAt: number;
}

export interface FilesTicket {
  readonly ticket: string;
  readonly expiresAt: number;
}

/** The session, and what it takes to connect to its main terminal at once: the worker lets in who comes before it runs. */
export interface LaunchAnswer extends SessionView {
  readonly terminal: TerminalTicket;
  /** The same for the shell beside the main process, where there will be one. */
  readonly shell: TerminalTicket | null;
}

/** Sessions as people use them. Callers have checked the ownership. */
export interface Sessions {
  /**
   * Launches the image of the newest successful build, a saved one, or the files of a step of any build. When a session of the same image and the same
   * `start` lives, that one is the answer (so a repeated click launches once); another one of the playground is stopped.
   * What finds no room waits in line. @throws worker-full where the line is full, image-missing without a successful build or such a saved image, session-limit, and for a step build-missing,
   * step-state-gone, worker-lost
   */
  launch(ownerId: string, order: LaunchOrder): Promise<LaunchAnswer>;
  /** `stopping` at once; the end follows by `watch`. An ended session stays as it is. */
  stop(id: SessionId): Promise<SessionView>;
  /** The same because the operator wants it. The owner is told so, with the reason where one is given. */
  stopByOperator(id: SessionId, reason: string): Promise<void>;
  /** Moves the end by one step, up to the longest time of a session. @throws session-missing when it has ended */
  extend(id: SessionId): Promise<SessionView>;
  /**
   * Lets all of its processes stand still, or go on. The last wish wins, also one that its worker learns of later.
   * @throws session-not-running, and what the worker answers
   */
  pause(id: SessionId, paused: boolean): Promise<SessionView>;
  /**
   * Opens one more shell, in the main container or in one that docker made, by its id.
   * @throws session-not-running, terminal-limit, and what the worker answers
   */
  openTerminal(id: SessionId, size: TerminalSize, container: string | null): Promise<TerminalTicket>;
  get(id: SessionId): Promise<SessionView>;
  /** The present view, then one per change; ends when the session has ended. */
  watch(id: SessionId, signal: AbortSignal): AsyncGenerator<SessionView, void>;
  /** To drive the terminal; of an ended session, to read what it printed. @throws terminal-missing */
  terminalTicket(id: SessionId, terminalId: TerminalId): Promise<TerminalTicket>;
  /** The address that opens a port in a browser; it carries a ticket. @throws session-missing when it has ended */
  previewUrl(id: SessionId, port: number, to?: string): Promise<string>;
  /** To read and write files of the container on the worker's gateway. @throws session-not-running */
  filesTicket(id: SessionId): Promise<FilesTicket>;
  /**
   * Where a docker client elsewhere reaches the session, until it would expire now. Whoever has the address has the session's docker.
   * @throws session-not-running
   */
  dockerAddress(id: SessionId): Promise<DockerAddress>;
  /** Takes all docker addresses of the session back: none lets anybody in any more, and who is in by one is put out. Idempotent. */
  revokeDockerAddresses(id: SessionId): Promise<void>;
  /** The address of a tar of all that the session has written; good for a moment. @throws session-files-gone */
  exportUrl(id: SessionId): Promise<string>;
}
