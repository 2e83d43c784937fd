import { OUTPUT_CHUNK_BYTES, OUTPUT_WINDOW_BYTES, type TerminalExit } from "@slipway/protocol";
import type { OutputLog } from "./output-log.ts";
import type { SizeLog } from "./size-log.ts";
import type { Viewer } from "./terminal.ts";

/** Time that one viewer may keep the process, and so the other viewers, waiting without drawing anything. */
export const VIEWER_STALL_MS = 10_000;

export interface FeedEvents {
  acknowledged(): void;
  closed(feed: Feed): void;
}

/**
 * One viewer's place in the output. It gets at most OUTPUT_WINDOW_BYTES beyond what it has acknowledged. The slowest
 * viewer holds back the pty for all (see ShimTerminal), until it stands still for VIEWER_STALL_MS: then it is dropped.
 */
export class Feed {
  readonly viewer: Viewer;
  readonly #log: OutputLog;
  readonly #sizes: SizeLog;
  readonly #events: FeedEvents;
  /** Serial of the last size that the viewer knows. */
  #size: number;
  #sent: number;
  #acknowledged: number;
  #closed = false;
  #exited = false;
  #pumping = false;
  #stall: NodeJS.Timeout | undefined;

  constructor(viewer: Viewer, log: OutputLog, sizes: SizeLog, start: number, events: FeedEvents) {
    this.viewer = viewer;
    this.#log = log;
    this.#sizes = sizes;
    this.#size = sizes.at(start).serial;
    this.#sent = start;
    this.#acknowledged = start;
    this.#events = events;
  }

  /** All output below this has been drawn by the viewer. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  acknowledge(sequence: number): void {
    if (this.#closed || sequence <= this.#acknowledged) return;
    this.#acknowledged = Math.max(this.#acknowledged, Math.min(sequence, this.#sent));
    clearTimeout(this.#stall);
    this.#stall = undefined;
    this.#events.acknowledged();
  }

  detach(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#stall);
    this.#events.closed(this);
  }

  /** Sends what the window allows, sizes in between, and at the end of all output the exit. */
  pump(exit: TerminalExit | null): void {
    // A viewer that acknowledges inside of output() comes back here; the loop below goes on by itself.
    if (this.#pumping) return;
    this.#pumping = true;
    this.#tellSizes();
    while (!this.#closed && this.#sent < this.#log.end && this.#credit > 0) {
      if (this.#sent < this.#log.start) {
        this.#drop();
        break;
      }
      const nextSize = this.#sizes.after(this.#size)?.from ?? Number.POSITIVE_INFINITY;
      const most = Math.min(OUTPUT_CHUNK_BYTES, this.#credit, nextSize - this.#sent);
      const data = this.#log.read(this.#sent, most);
      const sequence = this.#sent;
      this.#sent += data.byteLength;
      this.viewer.output(sequence, data);
      this.#tellSizes();
    }
    this.#pumping = false;
    if (this.#closed) return;
    if (this.#credit === 0) this.#stall ??= setTimeout(() => this.#drop(), VIEWER_STALL_MS).unref();
    if (exit !== null && this.#sent === this.#log.end && !this.#exited) {
      this.#exited = true;
      this.viewer.exited(exit);
    }
  }

  #tellSizes(): void {
    for (let next = this.#sizes.after(this.#size); next !== undefined; next = this.#sizes.after(this.#size)) {
      if (this.#closed || next.from > this.#sent) return;
      this.#size = next.serial;
      this.viewer.resized(next.size);
    }
  }

  get #credit(): number {
    return this.#acknowledged + OUTPUT_WINDOW_BYTES - this.#sent;
  }

  #drop(): void {
    this.detach();
    this.viewer.dropped();
  }
}
