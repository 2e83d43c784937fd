import type {
  Attached,
  AttachReply,
  Checkpoint,
  Input,
  Output,
  RecordCommand,
  Recording,
  TerminalSize,
  WireError,
} from "@slipway/protocol";
import { InputOutbox } from "./input-outbox.ts";
import { isFinalRefusal, retryDelayMs } from "./retry.ts";

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
  record(command: RecordCommand): void;
  close(): void;
}

export interface ChannelEvents {
  output(output: Output): void;
  size(size: TerminalSize): void;
  taken(id: number): void;
  recording(recording: Recording): void;
  exit(exitCode: number): void;
  /** The connection has ended or never came about. */
  lost(): void;
}

/** Where output is drawn. All of it happens in the order of the calls. */
export interface Screen {
  /** Draws; `drawn` is called when the bytes are on the screen. */
  write(data: Uint8Array, drawn: () => void): void;
  /** Begins anew with what a terminal of that size showed. */
  restart(checkpoint: Checkpoint): void;
  /** Bytes between what was drawn and what comes next are no longer kept. */
  gap(): void;
  /** The terminal has this size from here on. */
  resize(size: TerminalSize): void;
  /** What was kept has been drawn. Who drives takes the room that there is; answers that size. */
  caughtUp(role: Attached["role"]): TerminalSize | null;
}

export interface TerminalClientOptions {
  /** Opens a channel. Rejects when there is no ticket or no connection. */
  readonly connect: (events: ChannelEvents) => Promise<Channel>;
  readonly screen: Screen;
  readonly wireErrorOf: (thrown: unknown) => WireError;
  readonly changed: (state: TerminalState) => void;
  /** What was typed or pasted is more than can wait, and nothing of it was sent. */
  readonly refused: () => void;
  readonly recording: (recording: Recording | null) => void;
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

export class TerminalClient {
  readonly #options: TerminalClientOptions;
  readonly #outbox = new InputOutbox();
  #state: TerminalState = { state: "closed" };
  #channel: Channel | null = null;
  /** Rises with every connection; callbacks of an older one find that it has moved on. */
  #generation = 0;
  /** Sequence number of the first byte that has not arrived. Null before the first attach. */
  #next: number | null = null;
  #drawn = 0;
  #acknowledged = 0;
  /** Output below this was there before the attach. */
  #keptEnd = Number.POSITIVE_INFINITY;
  #size: TerminalSize | null = null;
  #cancelRetry: () => void = () => {};

  constructor(options: TerminalClientOptions) {
    this.#options = options;
  }

  get state(): TerminalState {
    return this.#state;
  }

  /** True while what is drawn was there before: what the screen answers to it was answered then. */
  get replaying(): boolean {
    return this.#drawn < this.#keptEnd;
  }

  start(): void {
    if (this.#state.state === "closed") void this.#connect(0);
  }

  /** Ends it for good: nothing is drawn or tried any more. */
  close(): void {
    this.#drop();
    this.#outbox.clear();
    this.#become({ state: "closed" });
  }

  /** Tries at once instead of at the end of the pause, for instance when the browser is online again. */
  retryNow(): void {
    if (this.#state.state !== "waiting") return;
    this.#cancelRetry();
    void this.#connect(this.#state.attempt);
  }

  /** The connection may be dead without anybody having said so, for instance after a sleep: asks again for the next byte. */
  reconnect(): void {
    if (this.#state.state === "attached") this.#retry(0);
    this.retryNow();
  }

  /** Keys pressed, or what the screen answered by itself. Kept until the worker has them, also without a connection. */
  input(data: Uint8Array, reply = false): void {
    const { state } = this.#state;
    if (state !== "attached" && state !== "connecting" && state !== "waiting") return;
    if (this.#state.state === "attached" && this.#state.role !== "drive") return;
    if (!this.#outbox.push(data, reply)) this.#options.refused();
    this.#send();
  }

  /** The screen has this room now. Told to the worker when it changes and at every attach, by the driver only. */
  resize(size: TerminalSize): void {
    if (this.#size?.rows === size.rows && this.#size.cols === size.cols) return;
    this.#size = size;
    if (this.#drives && !this.replaying) this.#channel?.resize(size);
  }

  record(command: RecordCommand): void {
    if (this.#drives) this.#channel?.record(command);
  }

  get #drives(): boolean {
    return this.#state.state === "attached" && this.#state.role === "drive";
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
        taken: (id) => current() && this.#taken(id),
        recording: (recording) => current() && this.#options.recording(recording),
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
    const { screen } = this.#options;
    const { start, end, role, checkpoint } = attached;
    this.#become({ state: "attached", role });
    this.#options.recording(attached.recording);
    const first = this.#next === null;
    if (checkpoint !== null) screen.restart(checkpoint);
    else if (this.#next !== null && start > this.#next) screen.gap();
    if (this.#next === null || start > this.#next || checkpoint !== null) {
      this.#next = start;
      this.#drawn = start;
    }
    this.#acknowledged = start;
    this.#keptEnd = end;
    if (checkpoint === null && (first || end > start || role === "view")) screen.resize(attached.size);
    if (!this.replaying) this.#caughtUp();
    this.#outbox.restart();
    if (role === "drive") this.#send();
    else this.#outbox.clear();
  }

  #receive(output: Output): void {
    const next = this.#next ?? output.sequence;
    if (output.sequence > next) {
      this.#retry(0);
      return;
    }
    const fresh = output.data.subarray(next - output.sequence);
    // What was kept and what is new are drawn apart, so that it is known of every answer what it belongs to.
    const kept = Math.max(0, Math.min(this.#keptEnd - next, fresh.byteLength));
    if (kept > 0) this.#draw(next, fresh.subarray(0, kept));
    if (kept < fresh.byteLength) this.#draw(next + kept, fresh.subarray(kept));
  }

  #draw(sequence: number, data: Uint8Array): void {
    const end = sequence + data.byteLength;
    this.#next = end;
    this.#options.screen.write(data, () => this.#haveDrawn(end));
  }

  #haveDrawn(sequence: number): void {
    const wasReplaying = this.replaying;
    this.#drawn = Math.max(this.#drawn, sequence);
    if (this.#state.state !== "attached") return;
    if (wasReplaying && !this.replaying) this.#caughtUp();
    if (this.#drawn - this.#acknowledged < ACKNOWLEDGE_BYTES) return;
    this.#acknowledged = this.#drawn;
    this.#channel?.acknowledge(this.#drawn);
  }

  #caughtUp(): void {
    if (this.#state.state !== "attached") return;
    const size = this.#options.screen.caughtUp(this.#state.role) ?? this.#size;
    if (size === null || this.#state.role !== "drive") return;
    this.#size = size;
    this.#channel?.resize(size);
  }

  #resized(size: TerminalSize): void {
    if (this.#state.state === "attached") this.#options.screen.resize(size);
  }

  #taken(id: number): void {
    this.#outbox.taken(id);
    this.#send();
  }

  #exited(exitCode: number): void {
    this.#drop();
    this.#outbox.clear();
    this.#become({ state: "exited", exitCode });
  }

  #refused(error: WireError, attempt: number): void {
    if (!isFinalRefusal(error.code)) {
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

  #send(): void {
    if (!this.#drives) return;
    for (const input of this.#outbox.take()) this.#channel?.input(input);
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
