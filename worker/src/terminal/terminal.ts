import type {
  Checkpoint,
  RecordCommand,
  Recording,
  TerminalExit,
  TerminalId,
  TerminalSize,
} from "@slipway/protocol";
import type { ConsoleFiles } from "../runtime/runtime.ts";

/**
 * Terminals: ptys on containers' processes. Each is held by a shim, a small program of native/ that outlives the worker:
 * it is the parent of the process, reads the pty, numbers the output bytes from 0, keeps the last of them and the exit
 * code. A worker that comes back opens the same terminal again and misses nothing: output that the worker has not
 * released stays in the shim, whose process waits when there is no more room.
 *
 * The newest output is kept as it was written, at least SCROLLBACK_BYTES of it. Older output is kept as a checkpoint, a
 * picture of the screen after some byte, which a viewer who comes late begins with.
 *
 * A viewer that is attached and does not acknowledge stops the shim from reading the pty (flow control end to end), so
 * that memory stays bounded by the constants of the protocol's browser-channel.
 */
export interface Terminals {
  /**
   * Starts a shim with `command`, an OCI runtime's command line made for the given console files. Rejects with what the
   * runtime wrote when it fails.
   */
  open(
    id: TerminalId,
    size: TerminalSize,
    command: (files: ConsoleFiles) => Promise<readonly string[]>,
  ): Promise<Terminal>;
  /** The terminal `id` that an earlier worker process opened (its process may have ended since), or null. */
  adopt(id: TerminalId): Promise<Terminal | null>;
  /** Ids of all terminals that have a directory. */
  list(): Promise<TerminalId[]>;
  /** Ends the shim, if any, and deletes the terminal's directory. Idempotent. */
  remove(id: TerminalId): Promise<void>;
}

export interface Terminal {
  readonly id: TerminalId;
  readonly size: TerminalSize;
  /** Bytes of output so far, those that are no longer kept among them. */
  readonly written: number;
  /** Null while the process runs. */
  readonly exit: TerminalExit | null;
  /** Host pid of the process; null when it has ended. */
  pid(): Promise<number | null>;
  /** Resolves when the process has ended. */
  readonly ended: Promise<TerminalExit>;
  /**
   * Starts to send output to `viewer`, from byte `next`. Where that is null or no longer kept, from byte 0 or with a
   * checkpoint. `client` names the viewer over all of its connections; its inputs are numbered within it.
   */
  attach(next: number | null, viewer: Viewer, client?: string): Attachment;
  /**
   * Writes to the process, in order. A process that doesn't read has OWN_QUEUE_BYTES of it kept; more is dropped, as
   * a full tty drops what is typed.
   */
  write(data: Uint8Array): void;
  resize(size: TerminalSize): void;
  /** The newest recording, under way or ended. */
  readonly recording: Recording | null;
  /**
   * A start ends a recording under way and takes the place of an earlier one; a stop or a mark without one does nothing.
   * Resolves when it is carried out.
   */
  record(command: RecordCommand): Promise<void>;
  /** File of the newest recording, an asciicast of version 3; null when there is none. */
  recordingFile(): string | null;
}

export interface Viewer {
  output(sequence: number, data: Uint8Array): void;
  /** Between the bytes of output that it came between. */
  resized(size: TerminalSize): void;
  exited(exit: TerminalExit): void;
  /** Inputs of this viewer's client up to `id` are with the process, or dropped because it has ended. */
  taken?(id: number): void;
  /** A recording of the terminal has begun, grown or ended. */
  recorded?(recording: Recording): void;
  /**
   * This viewer kept the process waiting for VIEWER_STALL_MS without drawing anything and has been detached, so that it
   * no longer stops the others. It may attach again.
   */
  dropped(): void;
}

export interface Attachment {
  readonly start: number;
  /** Where the output that is kept at this moment ends. */
  readonly end: number;
  /** Size of the terminal at `start`. */
  readonly size: TerminalSize;
  /** The screen after all bytes below `start`; null where there are none. */
  readonly checkpoint: Checkpoint | null;
  /** All output below `sequence` has been drawn by this viewer. */
  acknowledge(sequence: number): void;
  /**
   * Writes to the process, once for each `id` of the client, whatever breaks in between. False when the client does not
   * keep to INPUT_WINDOW_BYTES.
   */
  input(id: number, data: Uint8Array): boolean;
  detach(): void;
}
