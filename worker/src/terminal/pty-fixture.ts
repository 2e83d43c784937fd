import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { OUTPUT_WINDOW_BYTES, type TerminalExit, type TerminalSize } from "@slipway/protocol";
import type { ConsoleFiles } from "../runtime/runtime.ts";
import type { Attachment, Terminal, Viewer } from "./terminal.ts";

/*
 * For tests that need terminals on real processes without containers: a stand-in for the OCI runtime that sends a real
 * pty over the console socket (native/shim/test/pty-runtime.cc), and a viewer that remembers what it saw.
 */

export const shimProgram = createRequire(import.meta.url).resolve("@slipway/native/shim");

export interface PtyFixture {
  readonly directory: string;
  readonly runtime: string;
  /** A command as Terminals.open() wants it. */
  command(...argv: string[]): (files: ConsoleFiles) => Promise<readonly string[]>;
  remove(): void;
}

export function makePtyFixture(): PtyFixture {
  const directory = mkdtempSync(path.join(tmpdir(), "slipway-pty-"));
  const runtime = path.join(directory, "pty-runtime");
  const source = path.resolve(import.meta.dirname, "../../../native/shim/test/pty-runtime.cc");
  execFileSync("g++", ["-std=c++20", "-O1", source, "-o", runtime]);
  return {
    directory,
    runtime,
    command:
      (...argv) =>
      async (files) =>
        ptyCommand(runtime, files, argv),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

export const ptyCommand = (runtime: string, files: ConsoleFiles, argv: readonly string[]): string[] => [
  runtime,
  "--console-socket",
  files.consoleSocket,
  "--pid-file",
  files.pidFile,
  ...argv,
];

/** A viewer that keeps all it sees, checks that no byte is missing or twice, and acknowledges unless told not to. */
export class RecordingViewer implements Viewer {
  chunks: Uint8Array[] = [];
  next = -1;
  gaps = 0;
  size: TerminalSize | null = null;
  exit: TerminalExit | null = null;
  wasDropped = false;
  lastTaken = -1;
  attachment: Attachment | null = null;
  readonly #acknowledges: boolean;
  #changed: () => void = () => {};

  constructor(options: { acknowledges: boolean } = { acknowledges: true }) {
    this.#acknowledges = options.acknowledges;
  }

  attachTo(terminal: Terminal, next: number | null, client?: string): this {
    this.attachment = terminal.attach(next, this, client);
    this.next = this.attachment.start;
    return this;
  }

  output(sequence: number, data: Uint8Array): void {
    if (sequence !== this.next) this.gaps++;
    this.next = sequence + data.byteLength;
    this.chunks.push(data);
    if (this.#acknowledges) this.attachment?.acknowledge(this.next);
    this.#changed();
  }

  resized(size: TerminalSize): void {
    this.size = size;
    this.#changed();
  }

  taken(id: number): void {
    this.lastTaken = id;
    this.#changed();
  }

  exited(exit: TerminalExit): void {
    this.exit = exit;
    this.#changed();
  }

  dropped(): void {
    this.wasDropped = true;
    this.#changed();
  }

  get bytes(): Buffer {
    return Buffer.concat(this.chunks);
  }

  get text(): string {
    return this.bytes.toString();
  }

  get windowIsFull(): boolean {
    return this.bytes.byteLength >= OUTPUT_WINDOW_BYTES;
  }

  /** Resolves when `seen` holds; rejects with what was seen after `timeoutMs`. */
  async until(seen: (viewer: this) => boolean, timeoutMs = 10_000): Promise<void> {
    if (seen(this)) return;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`not seen in time; saw ${JSON.stringify(this.text.slice(-500))}`)),
        timeoutMs,
      );
      this.#changed = () => {
        if (!seen(this)) return;
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
