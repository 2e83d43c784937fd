import type { Checkpoint, TerminalSize } from "@slipway/protocol";
import type { OutputLog } from "../output-log.ts";
import type { SizeFrom } from "../shim-frames.ts";
import type { SizeLog } from "../size-log.ts";
import type { CheckpointFile } from "./checkpoint-file.ts";
import { isPlainText, lastLines } from "./plain-text.ts";
import type { Screens } from "./screens.ts";

/** Output that is worth a step of the checkpoint. */
export const STEP_BYTES = 1024 * 1024;
/** Output of one step. */
const PORTION_BYTES = 1536 * 1024;
/** Plain text at the end of a checkpoint that no emulator has seen. */
const TAIL_BYTES = 512 * 1024;
/** Lines above the screen that a checkpoint has; the emulator keeps as many. */
const KEPT_LINES = 2_000;
/** What went before scrolled out of sight: the screen and the lines above it are emptied. */
const SCROLLED_AWAY = Buffer.from("\u001b[H\u001b[2J\u001b[3J");

interface Base {
  readonly size: TerminalSize;
  readonly data: Uint8Array;
  readonly scrollsFreely: boolean;
}

export interface CheckpointsOptions {
  readonly terminal: string;
  readonly log: OutputLog;
  readonly sizes: SizeLog;
  readonly screens: Screens;
  readonly file: CheckpointFile;
  /** The checkpoint has moved on and outlives this process. */
  readonly moved: () => void;
}

/**
 * The checkpoint of one terminal: what its screen shows after all output below `at`. It follows the output in steps, so that
 * older output need not be kept.
 *
 * It is a picture that an emulator made and, after it, plain text. Parsing is slow; of a flood of plain text only the last
 * lines count, and they need no emulator at all: each viewer's own does it. Everything else goes through the emulator, whose
 * pace then is that of the terminal.
 */
export class Checkpoints {
  readonly #options: CheckpointsOptions;
  #at = 0;
  #base: Base | null = null;
  #tail: Uint8Array[] = [];
  #version = 0;
  #target = 0;
  #stepping = false;
  #closed = false;

  constructor(options: CheckpointsOptions) {
    this.#options = options;
  }

  /** Number of the first byte that is not in the checkpoint. */
  get at(): number {
    return this.#at;
  }

  /** Null while all output is kept as it was written. */
  get checkpoint(): Checkpoint | null {
    if (this.#base === null || this.#at === 0) return null;
    return { size: this.#base.size, data: Buffer.concat([this.#base.data, ...this.#tail]) };
  }

  /** Takes up what an earlier process left. What the checkpoint lacks of the output before `oldest` is lost. */
  async restore(oldest: number): Promise<void> {
    const stored = await this.#options.file.read().catch(() => null);
    if (stored !== null && stored.at >= oldest && stored.at <= this.#options.log.end) {
      this.#at = stored.at;
      this.#base = stored;
    } else if (oldest > 0) this.#forget(oldest);
  }

  /** Output below `sequence` may become part of the checkpoint. */
  follow(sequence: number): void {
    this.#target = sequence;
    if (!this.#stepping && !this.#closed && this.#target - this.#at >= STEP_BYTES) void this.#run();
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (!this.#stepping) await this.#options.file.close();
  }

  async #run(): Promise<void> {
    this.#stepping = true;
    while (!this.#closed && this.#target - this.#at >= STEP_BYTES) {
      await this.#step(Math.min(this.#target, this.#at + PORTION_BYTES));
      if (this.#closed) break;
      await this.#store();
      this.#options.moved();
    }
    this.#stepping = false;
    if (this.#closed) await this.#options.file.close();
  }

  async #step(to: number): Promise<void> {
    const { log, sizes } = this.#options;
    if (this.#at < log.start) this.#forget(log.start);
    this.#base ??= { size: sizes.at(0).size, data: new Uint8Array(), scrollsFreely: true };
    const portion = Buffer.from(log.read(this.#at, to - this.#at).buffer);
    const between = sizes.between(this.#at, this.#at + portion.byteLength);
    if (between.length === 0 && this.#appendPlain(portion)) this.#at += portion.byteLength;
    else await this.#emulate(portion, between);
  }

  /** False when it takes an emulator. */
  #appendPlain(portion: Buffer): boolean {
    const { size, scrollsFreely } = this.#base ?? { size: { rows: 0, cols: 0 }, scrollsFreely: false };
    if (!scrollsFreely || !isPlainText(portion)) return false;
    const begin = lastLines(portion, KEPT_LINES + 2 * size.rows);
    const tail = begin < 0 ? [...this.#tail, portion] : [SCROLLED_AWAY, portion.subarray(begin)];
    if (tail.reduce((sum, { byteLength }) => sum + byteLength, 0) > TAIL_BYTES) return false;
    // A copy: the whole portion would stay in memory for its end.
    this.#tail = [Buffer.concat(tail)];
    return true;
  }

  async #emulate(portion: Buffer, sizes: readonly SizeFrom[]): Promise<void> {
    const { terminal, screens } = this.#options;
    const base = this.#base;
    if (base === null) return;
    const tail = Buffer.concat(this.#tail);
    const data = Buffer.concat([tail, portion]);
    const offset = tail.byteLength - this.#at;
    const shifted = sizes.map(({ from, size }) => ({ offset: from + offset, size }));
    try {
      const version = this.#version++;
      const advanced = await screens.advance({ terminal, version, base, portion: { data, sizes: shifted } });
      this.#base = advanced;
      this.#tail = [];
      this.#at += advanced.consumed - tail.byteLength;
    } catch {
      // What the emulator cannot bear is left out. The terminal goes on.
      this.#forget(this.#at + portion.byteLength);
    }
  }

  /** Begins with an empty screen at byte `sequence`. */
  #forget(sequence: number): void {
    this.#version++;
    this.#at = sequence;
    this.#tail = [];
    this.#base = { size: this.#options.sizes.at(sequence).size, data: new Uint8Array(), scrollsFreely: true };
  }

  /** A disk that takes nothing costs the checkpoint its safety, and not the terminal its life. */
  async #store(): Promise<void> {
    const { checkpoint, at } = this;
    if (checkpoint === null || this.#base === null) return;
    const { scrollsFreely } = this.#base;
    await this.#options.file.write({ at, ...checkpoint, scrollsFreely }).catch(() => {});
  }
}
