import type { Stream } from "./keeper-frames.ts";

/**
 * Processes of containers whose streams are kept: each by a keeper, a small program of native/ that outlives the worker. It is
 * the parent of the process, carries bytes between its streams, its log and whoever listens, and writes down how it ended.
 * A listener that does not read makes the process wait, as a pipe does.
 */
export interface Keepers {
  /**
   * Starts a process. Rejects with what the runtime said of it when it does not come to run, and then nothing is left.
   * `id`: at most 40 of a-z, 0-9 and dashes; a former one of this name is removed first.
   */
  start(id: string, order: KeeperOrder): Promise<KeptProcess>;
  /** The process that an earlier worker started, whether it still runs or not; null where there is none. */
  adopt(id: string): Promise<KeptProcess | null>;
  list(): Promise<string[]>;
  /** Ends the keeper, which does not end the process, and deletes what it wrote. Idempotent. */
  remove(id: string): Promise<void>;
}

export interface KeeperOrder {
  /** The OCI runtime's command line, made for these files. */
  readonly command: (files: KeeperFiles) => Promise<readonly string[]> | readonly string[];
  readonly tty: boolean;
  readonly stdin: boolean;
  readonly size: { readonly rows: number; readonly cols: number };
  /** Ids on this machine of the process. */
  readonly owner: { readonly uid: number; readonly gid: number };
  /** Null: nothing is kept of what it writes. */
  readonly log: ProcessLogFile | null;
  /** Listeners that come right after the start and are to hear all of it. */
  readonly awaited: number;
}

export interface ProcessLogFile {
  readonly path: string;
  readonly mostBytes: number;
}

export interface KeeperFiles {
  readonly pidFile: string;
  readonly logFile: string;
  readonly consoleSocket: string | null;
}

export interface ProcessExit {
  readonly exitCode: number;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
}

export interface KeptProcess {
  readonly id: string;
  /** Host pid of the process; null for one that was adopted after its end. */
  readonly pid: number | null;
  readonly exit: ProcessExit | null;
  /** Resolves when the process has ended, or with null when nobody knows any more how. */
  readonly ended: Promise<ProcessExit | null>;
  /** The size of its pty, if it has one. */
  resize(size: { readonly rows: number; readonly cols: number }): void;
  /** Connects to its streams. Rejects when it has ended. */
  attach(listener: StreamListener): Promise<ProcessStreams>;
  /** Lets go of it without ending it. */
  release(): void;
}

export interface StreamListener {
  /** Returning false stops the flow until `resume`. */
  output(stream: Stream, data: Buffer): boolean;
  /** After all output: the process has ended (with its exit code), or the connection has (null). */
  ended(exitCode: number | null): void;
}

export interface ProcessStreams {
  /** All output that the log has until then (nanoseconds since the epoch) was before the first that the listener hears. */
  readonly loggedUntil: bigint;
  /** False when more should wait for `drained`. */
  write(data: Buffer, drained: () => void): boolean;
  endInput(): void;
  resize(size: { readonly rows: number; readonly cols: number }): void;
  resume(): void;
  close(): void;
}
