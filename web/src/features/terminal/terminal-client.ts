import type { Attached, AttachReply, Input, Output, TerminalSize, WireError } from "@slipway/protocol";

/*
 * One viewer of one terminal, without a socket and without a screen: which byte comes next, what has been drawn, which
 * input is next, when to try again. The channel and the screen are passed in.
 */

/** A connection to the worker's gateway, as good for one attach. Events after `close` are ignored by the client. */
export interface Channel {
  attach(next: number | null): Promise<AttachReply>;
  input(input: Input): void;
  resize(size: TerminalSize): void;
  acknowledge(sequence: number): void;
  close(): void;
}

export interface ChannelEvents {
  output(output: Output): void;
  size(size: TerminalSize): void;
  exit(exitCode: number): void;
  /** The connection has ended or never came about. */
  lost(): void;
}

export interface Screen {
  /** Draws; `drawn` is called when the bytes are on the screen. */
  write(data: Uint8Array, drawn: () => void): void;
  /** Bytes between what was drawn and what comes next are no longer kept. */
  gap(): void;
  /** Another viewer drives and the terminal has this size. */
  resize(size: TerminalSize): void;
}

export interface TerminalClientOptions {
  /** Opens a channel with a fresh ticket. Rejects when there is no ticket or no connection. */
  readonly connect: (events: ChannelEvents) => Promise<Channel>;
  readonly screen: Screen;
  readonly wireErrorOf: (thrown: unknown) => WireError;
  readonly changed: (state: TerminalState) => void;
  /** Calls back after `ms`; answers how to call it off. */
  readonly schedule: (ms: number, run: () => void) => () => void;
}

export type TerminalState =
  | { readonly state: "connecting"; readonly attempt: number }
  | { readonly state: "attached"; readonly role: Attached["role"] }
  | { readonly state: "waiting"; readonly attempt: number }
  | { readonly state: "exited"; readonly exitCode: number }
  | { readonly state: "refused"; readonly error: WireError }
  | { readonly state: "closed" };

/** Drawn bytes that are not acknowledged yet; far below the worker's window, so that few messages suffice. */
export const ACKNOWLEDGE_BYTES = 64 * 1024;
/** Input typed while there is no connection; more is dropped. */
export const HELD_INPUT_BYTES = 4 * 1024;
/** Largest payload of one `input` message, below the protocol's INPUT_CHUNK_BYTES. */
export const INPUT_BYTES = 16 * 1024;
const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 8_000;

/** Errors that a new ticket and another try cannot mend. */
const FINAL_CODES: ReadonlySet<string> = new Set([
  "terminal-missing",
  "session-missing",
  "forbidden",
  "protocol-version",
  "not-signed-in",
]);

export const retryDelayMs = (attempt: number): number =>
  Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(attempt, 10));

export class TerminalClient {
  readonly #options: TerminalClientOptions;
  #state: TerminalState = { state: "closed" };
  #channel: Channel | null = null;
  /** Rises with every connection; callbacks of an older one find that it has moved on. */
  #generation = 0;
  /** Sequence number of the first byte that has not arrived. Null before the first attach. */
  #next: number | null = null;
  #drawn = 0;
  #acknowledged = 0;
  #inputId = 0;
  #size: TerminalSize | null = null;
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #cancelRetry: () => void = () => {};

  constructor(options: TerminalClientOptions) {
    this.#options = options;
  }

  get state(): TerminalState {
    return this.#state;
  }

  start(): void {
    if (this.#state.state === "closed") void this.#connect(0);
  }

  /** Ends it for good: nothing is drawn or tried any more. */
  close(): void {
    this.#drop();
    this.#become({ state: "closed" });
  }

  /** Tries at once instead of at the end of the pause, for instance when the browser is online again. */
  retryNow(): void {
    if (this.#state.state !== "waiting") return;
    this.#cancelRetry();
    void this.#connect(this.#state.attempt);
  }

  /** Keys pressed. Held back, up to HELD_INPUT_BYTES, while there is no connection. */
  input(data: Uint8Array): void {
    if (this.#state.state === "attached") {
      if (this.#state.role === "drive") this.#send(data);
    } else if (this.#state.state === "connecting" || this.#state.state === "waiting") {
      if (this.#heldBytes + data.byteLength > HELD_INPUT_BYTES) return;
      this.#held.push(data);
      this.#heldBytes += data.byteLength;
    }
  }

  /** The screen has this size now. Told to the worker when it changes and at every attach, by the driver only. */
  resize(size: TerminalSize): void {
    if (this.#size?.rows === size.rows && this.#size.cols === size.cols) return;
    this.#size = size;
    if (this.#state.state === "attached" && this.#state.role === "drive") this.#channel?.resize(size);
  }

  async #connect(attempt: number): Promise<void> {
    this.#generation += 1;
    const generation = this.#generation;
    const current = (): boolean => generation === this.#generation;
    this.#become({ state: "connecting", attempt });
    try {
      const channel = await this.#options.connect({
        output: (output) => current() && this.#receive(output),
        size: (size) => current() && this.#resized(size),
        exit: (exitCode) => current() && this.#exited(exitCode),
        lost: () => current() && this.#retry(attempt),
      });
      if (!current()) {
        channel.close();
        return;
      }
      this.#channel = channel;
      const reply = await channel.attach(this.#next);
      if (!current()) return;
      if (reply.ok) this.#attached(reply.attached);
      else this.#refused(reply.error, attempt);
    } catch (thrown) {
      if (current()) this.#refused(this.#options.wireErrorOf(thrown), attempt);
    }
  }

  #attached(attached: Attached): void {
    if (this.#next !== null && attached.start > this.#next) this.#options.screen.gap();
    if (this.#next === null || attached.start > this.#next) {
      this.#next = attached.start;
      this.#drawn = Math.max(this.#drawn, attached.start);
    }
    this.#acknowledged = Math.max(this.#acknowledged, attached.start);
    this.#become({ state: "attached", role: attached.role });
    if (attached.role === "view") this.#options.screen.resize(attached.size);
    else if (this.#size !== null) this.#channel?.resize(this.#size);
    const held = this.#held;
    this.#held = [];
    this.#heldBytes = 0;
    for (const data of held) this.input(data);
  }

  #receive(output: Output): void {
    const next = this.#next ?? output.sequence;
    if (output.sequence > next) {
      this.#retry(0);
      return;
    }
    const fresh = output.data.subarray(next - output.sequence);
    if (fresh.byteLength === 0) return;
    const end = next + fresh.byteLength;
    this.#next = end;
    this.#options.screen.write(fresh, () => this.#haveDrawn(end));
  }

  #haveDrawn(sequence: number): void {
    this.#drawn = Math.max(this.#drawn, sequence);
    if (this.#state.state !== "attached") return;
    if (this.#drawn - this.#acknowledged < ACKNOWLEDGE_BYTES) return;
    this.#acknowledged = this.#drawn;
    this.#channel?.acknowledge(this.#drawn);
  }

  #resized(size: TerminalSize): void {
    if (this.#state.state === "attached" && this.#state.role === "view") this.#options.screen.resize(size);
  }

  #exited(exitCode: number): void {
    this.#drop();
    this.#become({ state: "exited", exitCode });
  }

  #refused(error: WireError, attempt: number): void {
    if (!FINAL_CODES.has(error.code)) {
      this.#retry(attempt);
      return;
    }
    this.#drop();
    this.#become({ state: "refused", error });
  }

  /** A connection that had been attached starts to count from zero again. */
  #retry(attempt: number): void {
    const tries = this.#state.state === "attached" ? 0 : attempt;
    this.#drop();
    this.#become({ state: "waiting", attempt: tries + 1 });
    this.#cancelRetry = this.#options.schedule(retryDelayMs(tries), () => void this.#connect(tries + 1));
  }

  #send(data: Uint8Array): void {
    for (let offset = 0; offset < data.byteLength; offset += INPUT_BYTES) {
      this.#channel?.input({ id: this.#inputId, data: data.subarray(offset, offset + INPUT_BYTES) });
      this.#inputId += 1;
    }
  }

  #drop(): void {
    this.#generation += 1;
    this.#cancelRetry();
    this.#channel?.close();
    this.#channel = null;
  }

  #become(state: TerminalState): void {
    this.#state = state;
    this.#options.changed(state);
  }
}
