import { BUILD_LOG_EVENT_CHARACTERS, type BuildEvent } from "@slipway/protocol";
import { BUILD_LOG_BYTES } from "./builder.ts";

/** The log text that a build may still write; one for all of its steps. */
export class LogBudget {
  #left = BUILD_LOG_BYTES;

  /** Takes bytes; "last" when these are the ones that go over the bound. */
  take(bytes: number): "fits" | "last" | "over" {
    if (this.#left < 0) return "over";
    this.#left -= bytes;
    return this.#left < 0 ? "last" : "fits";
  }
}

/** How long text waits for more of it, so that output in crumbs does not become an event a crumb. */
const GATHER_MS = 25;

/** The log of one step: bytes as they come, UTF-8 decoded across borders of chunks, gathered and cut into events. */
export class StepLog {
  readonly #step: number;
  readonly #emit: (event: BuildEvent) => void;
  readonly #budget: LogBudget;
  readonly #decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
  #number = 0;
  #gathered: { readonly stream: Stream; readonly text: string } | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(step: number, emit: (event: BuildEvent) => void, budget: LogBudget) {
    this.#step = step;
    this.#emit = emit;
    this.#budget = budget;
  }

  bytes(stream: Stream, chunk: Uint8Array): void {
    const room = this.#budget.take(chunk.byteLength);
    if (room === "over") return;
    if (room === "fits") this.#gather(stream, this.#decoders[stream].decode(chunk, { stream: true }));
    else this.#gather("stderr", `\n[output cut: a build's log may have ${BUILD_LOG_BYTES} bytes]\n`);
  }

  /** A line of the builder itself. */
  line(text: string): void {
    this.bytes("stderr", Buffer.from(`${text}\n`));
  }

  /** Writes out what waits, and what is left of characters that never became whole. Nothing comes later. */
  end(): void {
    for (const stream of ["stdout", "stderr"] as const) this.#gather(stream, this.#decoders[stream].decode());
    this.#flush();
  }

  #gather(stream: Stream, text: string): void {
    if (text === "") return;
    if (this.#gathered && this.#gathered.stream !== stream) this.#flush();
    this.#gathered = { stream, text: (this.#gathered?.text ?? "") + text };
    if (this.#gathered.text.length >= BUILD_LOG_EVENT_CHARACTERS) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), GATHER_MS);
  }

  #flush(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    if (!this.#gathered) return;
    const { stream, text } = this.#gathered;
    this.#gathered = null;
    for (let at = 0; at < text.length; ) {
      let end = Math.min(text.length, at + BUILD_LOG_EVENT_CHARACTERS);
      // A character of two units stays whole.
      if (end < text.length && isHighSurrogate(text.charCodeAt(end - 1))) end -= 1;
      this.#emit({ type: "log", step: this.#step, stream, number: this.#number, text: text.slice(at, end) });
      this.#number += 1;
      at = end;
    }
  }
}

type Stream = "stdout" | "stderr";

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit < 0xdc00;
