import type { TerminalExit, TerminalId, TerminalSize } from "@slipway/protocol";
import type { ConsoleFiles } from "../runtime/runtime.ts";

/**
 * Terminals: ptys on containers' processes. Each is held by a shim, a small program of native/ that outlives the worker:
 * it is the parent of the process, reads the pty, numbers the output bytes from 0, keeps the last SCROLLBACK_BYTES and
 * the exit code. A worker that comes back opens the same terminal again and misses nothing.
 *
 * Output that no viewer takes stays in the shim's ring; a viewer that is attached and does not acknowledge stops the
 * shim from reading the pty (flow control end to end), so that memory stays bounded by the constants of the protocol's
 * browser-channel.
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
  /** Null while the process runs. */
  readonly exit: TerminalExit | null;
  /** Resolves when the process has ended. */
  readonly ended: Promise<TerminalExit>;
  /**
   * Starts to send output to `viewer`, from byte `next` or from the oldest kept when `next` is older or null. Returns the
   * first byte's sequence number and how to go on.
   */
  attach(next: number | null, viewer: Viewer): Attachment;
  /**
   * Writes to the process, in order. A process that doesn't read has INPUT_QUEUE_BYTES of it kept; more is dropped, as
   * a full tty drops what is typed.
   */
  write(data: Uint8Array): void;
  resize(size: TerminalSize): void;
}

export interface Viewer {
  output(sequence: number, data: Uint8Array): void;
  resized(size: TerminalSize): void;
  exited(exit: TerminalExit): void;
  /**
   * This viewer kept the process waiting for VIEWER_STALL_MS without drawing anything and has been detached, so that it
   * no longer stops the others. It may attach again.
   */
  dropped(): void;
}

export interface Attachment {
  readonly start: number;
  /** All output below `sequence` has been drawn by this viewer. */
  acknowledge(sequence: number): void;
  detach(): void;
}
