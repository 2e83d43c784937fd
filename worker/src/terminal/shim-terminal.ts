import { readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import {
  OUTPUT_CHUNK_BYTES,
  OUTPUT_WINDOW_BYTES,
  type RecordCommand,
  type Recording,
  SCROLLBACK_BYTES,
  type TerminalExit,
  type TerminalId,
  type TerminalSize,
} from "@slipway/protocol";
import { type Ending, readEnding } from "./ending.ts";
import { Feed } from "./feed.ts";
import { clientKey, Inputs } from "./inputs.ts";
import { OutputLog } from "./output-log.ts";
import { TerminalRecording } from "./recording/terminal-recording.ts";
import { CheckpointFile } from "./screen/checkpoint-file.ts";
import { Checkpoints, STEP_BYTES } from "./screen/checkpoints.ts";
import type { Screens } from "./screen/screens.ts";
import { connectShim, type ShimConnection } from "./shim-connection.ts";
import {
  encodeAcknowledge,
  encodeRelease,
  encodeResize,
  encodeSignal,
  type ShimFrame,
} from "./shim-frames.ts";
import { SizeLog } from "./size-log.ts";
import type { Attachment, Terminal, Viewer } from "./terminal.ts";

/**
 * Output that a shim keeps: SCROLLBACK_BYTES that a viewer may be sent, the window of one that catches up, and a step of the
 * checkpoint. It is what may be printed while no worker is there.
 */
export const RING_BYTES = SCROLLBACK_BYTES + OUTPUT_WINDOW_BYTES + STEP_BYTES;
/** Output that the worker keeps: as much, and what a shim sends at the end of a process, which is what the kernel buffered. */
const LOG_BYTES = RING_BYTES + 512 * 1024;
/** Tries to reach a shim whose connection broke, or to find what it wrote down. */
const RECOVER_ATTEMPTS = 10;
const RECOVER_DELAY_MS = 100;
/**
 * Exit code of a process whose shim was killed before it could write one down: 128 + SIGHUP, since that is what the
 * kernel sends when a pty's master goes.
 */
const SHIM_LOST: TerminalExit = { exitCode: 129 };

/**
 * A terminal held by a shim, or what one left. The worker is one client of the shim and fans out to any number of
 * viewers. It acknowledges to the shim what the slowest viewer has acknowledged, and everything at once while there is
 * no viewer: so a viewer that falls OUTPUT_WINDOW_BYTES behind stops the process, and nothing else does.
 */
export class ShimTerminal implements Terminal {
  readonly id: TerminalId;
  readonly ended: Promise<TerminalExit>;
  readonly #directory: string;
  readonly #log = new OutputLog(LOG_BYTES);
  readonly #sizes = new SizeLog();
  readonly #inputs = new Inputs();
  /** Viewers, with the key of their client where they may type. */
  readonly #feeds = new Map<Feed, string | null>();
  #resolveEnded: (exit: TerminalExit) => void = () => {};
  #size: TerminalSize = { rows: 24, cols: 80 };
  #exit: TerminalExit | null = null;
  #connection: ShimConnection | null = null;
  readonly #checkpoints: Checkpoints;
  readonly #recording: TerminalRecording;
  #acknowledged = 0;
  #releasedBelow = 0;
  #released = false;
  /** Nothing is released before the checkpoint of an earlier process is known. */
  #loaded = false;

  private constructor(id: TerminalId, directory: string, screens: Screens) {
    this.id = id;
    this.#directory = directory;
    this.#checkpoints = new Checkpoints({
      terminal: id,
      log: this.#log,
      sizes: this.#sizes,
      screens,
      file: new CheckpointFile(directory),
      moved: () => this.#acknowledge(),
    });
    this.#recording = new TerminalRecording({
      directory,
      attach: (next, viewer) => this.attach(next, viewer),
      now: () => ({ size: this.#size, next: this.#log.end }),
      changed: (recording) => {
        for (const feed of [...this.#feeds.keys()]) feed.viewer.recorded?.(recording);
      },
    });
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
  }

  /** The terminal of a shim that has just been started. */
  static async begin(id: TerminalId, directory: string, screens: Screens): Promise<ShimTerminal> {
    const terminal = new ShimTerminal(id, directory, screens);
    await terminal.#reach();
    return terminal.#begin();
  }

  /** The terminal of a directory, with all of its output so far that is kept. Waits for a shim only as long as it answers. */
  static async load(id: TerminalId, directory: string, screens: Screens): Promise<ShimTerminal> {
    const terminal = new ShimTerminal(id, directory, screens);
    await terminal.#reach();
    await terminal.#checkpoints.restore(terminal.#log.start);
    await terminal.#recording.restore();
    return terminal.#begin();
  }

  async #reach(): Promise<void> {
    if (!(await this.#connect())) await this.#recover();
  }

  #begin(): this {
    this.#loaded = true;
    this.#acknowledge();
    return this;
  }

  get size(): TerminalSize {
    return this.#size;
  }

  get written(): number {
    return this.#log.end;
  }

  get exit(): TerminalExit | null {
    return this.#exit;
  }

  async pid(): Promise<number | null> {
    if (this.#exit !== null) return null;
    const pid = Number(await readFile(path.join(this.#directory, "pid"), "utf8").catch(() => ""));
    return Number.isInteger(pid) && pid > 1 ? pid : null;
  }

  attach(next: number | null, viewer: Viewer, client?: string): Attachment {
    const exact = next !== null && next >= this.#log.start;
    const checkpoint = exact ? null : this.#checkpoints.checkpoint;
    const start = exact ? Math.min(next, this.#log.end) : this.#checkpoints.at;
    const key = client === undefined ? null : clientKey(client);
    const feed = new Feed(viewer, this.#log, this.#sizes, start, {
      acknowledged: () => {
        feed.pump(this.#exit);
        this.#acknowledge();
      },
      closed: () => {
        this.#feeds.delete(feed);
        this.#acknowledge();
      },
    });
    this.#feeds.set(feed, key);
    // The first output comes after the caller has seen `start`.
    queueMicrotask(() => feed.pump(this.#exit));
    return {
      start,
      end: this.#log.end,
      size: checkpoint?.size ?? this.#sizes.at(start).size,
      checkpoint,
      acknowledge: (sequence) => feed.acknowledge(sequence),
      input: (id, data) => key !== null && this.#take(key, id, data, viewer),
      detach: () => feed.detach(),
    };
  }

  write(data: Uint8Array): void {
    if (this.#exit !== null) return;
    this.#inputs.pushOwn(data);
    this.#sendInput();
  }

  resize(size: TerminalSize): void {
    if (this.#exit !== null) return;
    this.#size = size;
    this.#connection?.send(encodeResize(size));
  }

  get recording(): Recording | null {
    return this.#recording.recording;
  }

  record(command: RecordCommand): Promise<void> {
    return this.#recording.record(command);
  }

  recordingFile(): string | null {
    return this.#recording.file();
  }

  /** Sends a signal to the process, for the removal of a terminal whose process runs. */
  signal(number: number): void {
    this.#connection?.send(encodeSignal(number));
  }

  /** Leaves the shim alone with the process: a worker that ends, or a terminal that is removed. */
  release(): void {
    this.#released = true;
    this.#connection?.close();
    this.#connection = null;
    for (const feed of [...this.#feeds.keys()]) feed.detach();
    void this.#checkpoints.close();
    void this.#recording.close();
  }

  #take(client: string, id: number, data: Uint8Array, viewer: Viewer): boolean {
    if (this.#exit !== null) {
      viewer.taken?.(id);
      return true;
    }
    if (!this.#inputs.push(client, id, data)) return false;
    this.#sendInput();
    return true;
  }

  /** False when no shim is there. Otherwise waits until the output that the shim had kept is here. */
  async #connect(): Promise<boolean> {
    let replayed = () => {};
    const replay = new Promise<void>((resolve) => {
      replayed = resolve;
    });
    let until = Number.POSITIVE_INFINITY;
    const socketPath = path.join(this.#directory, "shim.sock");
    const connection = await connectShim(socketPath, this.#log.end, {
      frame: (frame) => {
        this.#hear(frame);
        if (this.#log.end >= until) replayed();
      },
      closed: () => {
        this.#connection = null;
        replayed();
        void this.#recover();
      },
    }).catch(() => null);
    if (connection === null) return false;
    const { header } = connection;
    if (this.#log.end < header.start) this.#log.skipTo(header.start);
    // Output that came together with the header has not been acknowledged: there was no connection yet.
    this.#acknowledged = header.start;
    for (const each of header.sizes) this.#sizes.add(each);
    this.#size = header.sizes.at(-1)?.size ?? this.#size;
    if (this.#released) connection.close();
    else if (this.#exit === null) this.#connection = connection;
    this.#acknowledge();
    this.#inputs.resend();
    this.#sendInput();
    until = header.end;
    if (this.#log.end < until) await replay;
    return true;
  }

  #hear(frame: ShimFrame): void {
    switch (frame.type) {
      case "output":
        if (frame.sequence !== this.#log.end) this.#log.skipTo(frame.sequence);
        this.#log.append(frame.data);
        this.#pump();
        this.#acknowledge();
        break;
      case "size":
        this.#size = frame.size;
        if (this.#sizes.add(frame)) this.#pump();
        break;
      case "taken":
        this.#taken(frame.client, frame.id);
        break;
      case "exit":
        this.#end({ exitCode: frame.exitCode });
        break;
      case "header":
        break;
    }
  }

  /** The connection is gone: the process has ended, or the shim lives and takes another, or it was killed. */
  async #recover(): Promise<void> {
    for (let attempt = 0; attempt < RECOVER_ATTEMPTS; attempt++) {
      if (this.#released || this.#exit !== null) return;
      const ending = await readEnding(this.#directory).catch(() => null);
      if (ending !== null) {
        this.#restore(ending);
        return;
      }
      if (await this.#connect()) return;
      await delay(RECOVER_DELAY_MS);
    }
    this.#end(SHIM_LOST);
  }

  /** Takes what is missing here from what the shim wrote down. */
  #restore(ending: Ending): void {
    if (this.#log.end < ending.start) this.#log.skipTo(ending.start);
    this.#log.append(ending.scrollback.subarray(this.#log.end - ending.start));
    this.#size = { rows: ending.rows, cols: ending.cols };
    this.#sizes.add({ from: ending.end, size: this.#size });
    this.#end({ exitCode: ending.exitCode });
  }

  #end(exit: TerminalExit): void {
    if (this.#exit !== null) return;
    this.#exit = exit;
    this.#connection?.close();
    this.#connection = null;
    this.#pump();
    this.#resolveEnded(exit);
  }

  #pump(): void {
    for (const feed of [...this.#feeds.keys()]) feed.pump(this.#exit);
  }

  #taken(client: string, id: number): void {
    this.#inputs.taken(client, id);
    for (const [feed, key] of [...this.#feeds]) if (key === client) feed.viewer.taken?.(id);
    this.#sendInput();
  }

  #sendInput(): void {
    if (this.#connection === null) return;
    for (const frame of this.#inputs.takeFrames()) this.#connection.send(frame);
  }

  #acknowledge(): void {
    let slowest = this.#log.end;
    for (const feed of this.#feeds.keys()) slowest = Math.min(slowest, feed.acknowledged);
    if (this.#loaded && this.#exit === null) this.#checkpoints.follow(slowest);
    if (this.#connection === null) return;
    const news = slowest - this.#acknowledged;
    if (news >= OUTPUT_CHUNK_BYTES || (news > 0 && slowest === this.#log.end)) {
      this.#acknowledged = slowest;
      this.#connection.send(encodeAcknowledge(slowest));
    }
    // What the checkpoint lacks and what a viewer may ask for again stays in the shim.
    const needless = Math.min(slowest, this.#checkpoints.at);
    if (this.#loaded && needless > this.#releasedBelow) {
      this.#releasedBelow = needless;
      this.#connection.send(encodeRelease(needless));
    }
  }
}
