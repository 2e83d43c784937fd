import type { KeptProcess, ProcessStreams, StreamListener } from "../../keeper/keeper.ts";

/** Input that a client sends before the process runs, bytes; then it has to wait. */
const EARLY_BYTES = 64 * 1024;

/**
 * Somebody's connection to the streams of a process that may not run yet: what is written or closed before it does is
 * carried out when it begins.
 */
export class Attachment {
  readonly #listener: StreamListener;
  #streams: ProcessStreams | null = null;
  #early: Buffer[] = [];
  #earlyBytes = 0;
  #drained: () => void = () => {};
  #inputEnded = false;
  #isClosed = false;

  constructor(listener: StreamListener) {
    this.#listener = listener;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /**
   * Connects to a process. Never rejects: one that is over has ended. Who has left connects too, and leaves again: the process
   * waits for as many as were announced to it.
   */
  async begin(process: KeptProcess): Promise<void> {
    let streams: ProcessStreams;
    try {
      streams = await process.attach(this.#listener);
    } catch {
      if (this.#isClosed) return;
      this.#isClosed = true;
      this.#listener.ended(process.exit?.exitCode ?? null);
      return;
    }
    if (this.#isClosed) return streams.close();
    this.#streams = streams;
    for (const data of this.#early) streams.write(data, () => {});
    this.#early = [];
    if (this.#inputEnded) streams.endInput();
    this.#drained();
  }

  /** False when more should wait for `drained`. */
  write(data: Buffer, drained: () => void): boolean {
    if (this.#streams !== null) return this.#streams.write(data, drained);
    this.#early.push(data);
    this.#earlyBytes += data.byteLength;
    this.#drained = drained;
    return this.#earlyBytes < EARLY_BYTES;
  }

  endInput(): void {
    this.#inputEnded = true;
    this.#streams?.endInput();
  }

  resume(): void {
    this.#streams?.resume();
  }

  /** All of the log until then came before what the listener hears; null before the process runs. */
  get loggedUntil(): bigint | null {
    return this.#streams?.loggedUntil ?? null;
  }

  close(): void {
    this.#isClosed = true;
    this.#streams?.close();
  }
}
