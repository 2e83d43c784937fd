import type { RecordCommand, Recording, TerminalSize } from "@slipway/protocol";
import type { Attachment, Viewer } from "../terminal.ts";
import { CastFile } from "./cast-file.ts";
import { Recorder } from "./recorder.ts";

/** Growth of a recording is told this often at most. */
const TELL_MS = 1_000;

export interface TerminalRecordingOptions {
  readonly directory: string;
  readonly attach: (next: number, viewer: Viewer) => Attachment;
  readonly now: () => { size: TerminalSize; next: number };
  /** A recording has begun, grown or ended. */
  readonly changed: (recording: Recording) => void;
}

/** The newest recording of one terminal. */
export class TerminalRecording {
  readonly #options: TerminalRecordingOptions;
  #recorder: Recorder | null = null;
  #work: Promise<void> = Promise.resolve();
  #toldAt = 0;

  constructor(options: TerminalRecordingOptions) {
    this.#options = options;
  }

  get recording(): Recording | null {
    return this.#recorder?.recording ?? null;
  }

  /** Takes up the recording of an earlier process, at the byte where that stopped. */
  async restore(): Promise<void> {
    this.#recorder = await Recorder.restore(this.#options.directory, (recording) => this.#tell(recording));
    const next = this.#recorder?.next ?? null;
    if (next !== null) this.#follow(next);
  }

  /** Commands are carried out one after the other. */
  record(command: RecordCommand): Promise<void> {
    this.#work = this.#work.then(() => this.#carryOut(command)).catch(() => {});
    return this.#work;
  }

  /** The file of the newest recording, or null. */
  file(): string | null {
    return this.#recorder === null ? null : CastFile.castPath(this.#options.directory);
  }

  async close(): Promise<void> {
    await this.#work;
    await this.#recorder?.close();
  }

  async #carryOut(command: RecordCommand): Promise<void> {
    switch (command.action) {
      case "start": {
        await this.#recorder?.stop();
        await this.#recorder?.close();
        const { directory, now } = this.#options;
        const begin = now();
        this.#recorder = await Recorder.begin(directory, begin, (recording) => this.#tell(recording));
        this.#follow(begin.next);
        this.#tell(this.#recorder.recording);
        return;
      }
      case "stop":
        return this.#recorder?.stop();
      case "mark":
        this.#recorder?.mark(command.label);
    }
  }

  #follow(next: number): void {
    if (this.#recorder === null) return;
    this.#recorder.attached(this.#options.attach(next, this.#recorder));
  }

  #tell(recording: Recording): void {
    const now = Date.now();
    if (
      recording.active &&
      now - this.#toldAt < TELL_MS &&
      recording.bytes > 0 &&
      this.#toldAt > recording.startedAt
    )
      return;
    this.#toldAt = now;
    this.#options.changed(recording);
  }
}
