import {
  RECORDING_BYTES,
  type Recording,
  type TerminalExit,
  type TerminalSize,
  WholeCharacters,
} from "@slipway/protocol";
import type { Attachment, Viewer } from "../terminal.ts";
import { type CastEvent, eventLine, header } from "./asciicast.ts";
import { CastFile } from "./cast-file.ts";

/** Room that is left for the last events of a recording that ends because it is full. */
const LAST_BYTES = 1024;
const FULL = "The recording ends here: it has reached its largest size.";

/**
 * Writes an asciicast of a terminal as it goes. It is a viewer like any other: what it has not written it does not acknowledge,
 * so that nothing is lost when the worker is killed, and nothing waits in memory when the disk is slow.
 */
export class Recorder implements Viewer {
  readonly #file: CastFile;
  readonly #changed: (recording: Recording) => void;
  readonly #characters = new WholeCharacters();
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  #attachment: Attachment | null = null;
  #queue: CastEvent[] = [];
  #next: number;
  #lastAt: number;
  #bytes: number;
  #writing: Promise<void> = Promise.resolve();
  #ended: boolean;

  private constructor(file: CastFile, changed: (recording: Recording) => void) {
    this.#file = file;
    this.#changed = changed;
    this.#next = file.state.next;
    this.#lastAt = file.state.lastAt;
    this.#bytes = file.state.bytes;
    this.#ended = !file.state.active;
  }

  /** Begins a new recording at output byte `next`. */
  static async begin(
    directory: string,
    { size, next }: { size: TerminalSize; next: number },
    changed: (recording: Recording) => void,
  ): Promise<Recorder> {
    const startedAt = Date.now();
    const file = await CastFile.create(directory, {
      startedAt,
      active: true,
      next,
      bytes: 0,
      lastAt: startedAt,
    });
    const recorder = new Recorder(file, changed);
    const text = header(size, startedAt);
    recorder.#bytes = Buffer.byteLength(text);
    await file.append(text, { active: true, next, lastAt: startedAt });
    return recorder;
  }

  /** The recording in a terminal's directory, under way or ended; null when there is none. */
  static async restore(directory: string, changed: (recording: Recording) => void): Promise<Recorder | null> {
    const file = await CastFile.open(directory).catch(() => null);
    return file === null ? null : new Recorder(file, changed);
  }

  get recording(): Recording {
    const { startedAt, bytes } = this.#file.state;
    return { startedAt, bytes, active: this.#file.state.active };
  }

  /** The byte with which a recording under way goes on; null when it has ended. */
  get next(): number | null {
    return this.#ended ? null : this.#next;
  }

  attached(attachment: Attachment): void {
    this.#attachment = attachment;
  }

  output(sequence: number, data: Uint8Array): void {
    if (this.#ended) return;
    const whole = this.#characters.push(data);
    this.#next = sequence + data.byteLength - this.#characters.held;
    if (whole.byteLength > 0) this.#add({ kind: "output", text: this.#decoder.decode(whole) });
    else this.#attachment?.acknowledge(this.#next);
  }

  resized(size: TerminalSize): void {
    this.#add({ kind: "resize", size });
  }

  mark(label: string): void {
    this.#add({ kind: "marker", label });
  }

  exited({ exitCode }: TerminalExit): void {
    this.#add({ kind: "exit", exitCode });
    this.#end();
  }

  dropped(): void {
    this.#end();
  }

  /** Ends the recording; resolves when it is whole. */
  async stop(): Promise<void> {
    this.#end();
    await this.#writing;
  }

  /** Lets go of the files; the recording goes on with the next process. */
  async close(): Promise<void> {
    this.#attachment?.detach();
    await this.#writing;
    await this.#file.close();
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#attachment?.detach();
    this.#flush();
  }

  #add(event: CastEvent): void {
    if (this.#ended) return;
    this.#queue.push(event);
    if (this.#queue.length === 1) this.#flush();
  }

  #flush(): void {
    this.#writing = this.#writing.then(() => this.#write()).catch(() => this.dropped());
  }

  async #write(): Promise<void> {
    const events = this.#queue;
    this.#queue = [];
    const told = this.#file.state.active !== this.#ended;
    if (events.length === 0 && told) return;
    const now = Date.now();
    let text = "";
    for (const event of events) {
      const line = eventLine(event, now - this.#lastAt);
      const full = this.#bytes + Buffer.byteLength(line) + LAST_BYTES > RECORDING_BYTES;
      const added = full ? eventLine({ kind: "marker", label: FULL }, now - this.#lastAt) : line;
      text += added;
      this.#bytes += Buffer.byteLength(added);
      this.#lastAt = now;
      if (!full) continue;
      this.#ended = true;
      break;
    }
    const next = this.#next;
    await this.#file.append(text, { active: !this.#ended, next, lastAt: this.#lastAt });
    if (this.#ended) this.#attachment?.detach();
    else this.#attachment?.acknowledge(next);
    this.#changed(this.recording);
  }
}
