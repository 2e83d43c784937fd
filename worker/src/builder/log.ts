import { BUILD_LOG_EVENT_CHARACTERS, type BuildEvent, FAILURE_LAST_LINES } from "@slipway/protocol";
import { BUILD_LOG_BYTES } from "./builder.ts";

type Stream = "stdout" | "stderr";

/** Text of a step as it becomes one event: whole characters, BUILD_LOG_EVENT_CHARACTERS at most. */
export interface LogChunk {
  readonly stream: Stream;
  readonly text: string;
}

/** How long text waits for more of it, so that output in crumbs does not become an event a crumb. */
const GATHER_MS = 25;
/** Characters of a line that a failure shows. */
const LINE_CHARACTERS = 4096;
/** Characters from the end of a log that are looked at for its last lines. */
const TAIL_CHARACTERS = 2 * FAILURE_LAST_LINES * LINE_CHARACTERS;

const CUT = `\n[output cut: a build's log may have ${BUILD_LOG_BYTES} bytes]\n`;

/** Log text that may still be written. */
export class LogBudget {
  #left = BUILD_LOG_BYTES;

  /** Takes bytes; "last" when these are the ones that go over the bound. */
  take(bytes: number): "fits" | "last" | "over" {
    if (this.#left < 0) return "over";
    this.#left -= bytes;
    return this.#left < 0 ? "last" : "fits";
  }
}

/**
 * The log of one run of a step: bytes as they come, UTF-8 decoded across borders of chunks, gathered and cut. All of it
 * is kept while the run lasts, BUILD_LOG_BYTES at most, so that whoever joins the run later has the log from its beginning.
 */
export class StepLog {
  readonly #budget = new LogBudget();
  readonly #decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
  readonly #chunks: LogChunk[] = [];
  readonly #listeners = new Set<(chunk: LogChunk) => void>();
  #gathered: LogChunk | null = null;
  #timer: NodeJS.Timeout | null = null;

  bytes(stream: Stream, chunk: Uint8Array): void {
    const room = this.#budget.take(chunk.byteLength);
    if (room === "over") return;
    if (room === "fits") this.#gather(stream, this.#decoders[stream].decode(chunk, { stream: true }));
    else this.#gather("stderr", CUT);
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

  /** Tells what was logged and what will be. The result ends that. */
  follow(listener: (chunk: LogChunk) => void): () => void {
    for (const chunk of this.#chunks) listener(chunk);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The end of the log; of a line that was written over, what is seen of it. */
  lastLines(): string[] {
    let tail = "";
    for (let at = this.#chunks.length - 1; at >= 0 && tail.length < TAIL_CHARACTERS; at -= 1)
      tail = (this.#chunks[at]?.text ?? "") + tail;
    const lines = tail.slice(-TAIL_CHARACTERS).split("\n").map(visible);
    while (lines.at(-1) === "") lines.pop();
    return lines.slice(-FAILURE_LAST_LINES);
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
      const chunk = { stream, text: text.slice(at, end) };
      this.#chunks.push(chunk);
      for (const listener of this.#listeners) listener(chunk);
      at = end;
    }
  }
}

/** Writes the log of a step into one build's events, numbered, within the bound of that build. */
export function logWriter(
  step: number,
  emit: (event: BuildEvent) => void,
  budget: LogBudget,
): (chunk: LogChunk) => void {
  let number = 0;
  return ({ stream, text }) => {
    const room = budget.take(Buffer.byteLength(text));
    if (room === "over") return;
    if (room === "fits") emit({ type: "log", step, stream, number, text });
    else emit({ type: "log", step, stream: "stderr", number, text: CUT });
    number += 1;
  };
}

/** What a terminal shows of a line: a carriage return starts it anew. */
function visible(line: string): string {
  return (line.replace(/\r+$/, "").split("\r").at(-1) ?? "").slice(0, LINE_CHARACTERS);
}

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit < 0xdc00;
