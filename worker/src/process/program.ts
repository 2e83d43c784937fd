import { spawn } from "node:child_process";

/** What is kept of each of stdout and stderr, bytes; the rest is read and dropped. */
const OUTPUT_BYTES = 1024 * 1024;
/** How much of stderr an error message quotes, characters. */
const QUOTED_CHARACTERS = 2000;
const DEFAULT_TIMEOUT_MS = 30_000;

export interface ProgramOptions {
  /** Written to stdin; otherwise stdin is /dev/null. */
  readonly input?: string;
  /** The program is killed after this time, default 30 s. */
  readonly timeoutMs?: number;
  /** Kills the program when aborted. */
  readonly signal?: AbortSignal;
}

export interface ProgramResult {
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that could not be started, failed, or was killed. */
export class ProgramError extends Error {
  override readonly name = "ProgramError";
  readonly command: readonly string[];
  /** Null when it was killed or never ran. */
  readonly exitCode: number | null;
  readonly stderr: string;
  /** True when the program does not exist. */
  readonly missing: boolean;

  constructor(
    command: readonly string[],
    how: string,
    exitCode: number | null,
    stderr: string,
    cause?: unknown,
  ) {
    const quoted = stderr.trim().slice(-QUOTED_CHARACTERS);
    super(`${command[0]} ${how}${quoted === "" ? "" : `: ${quoted}`}`, { cause });
    this.command = command;
    this.exitCode = exitCode;
    this.stderr = stderr;
    this.missing = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
  }
}

/** Collects a stream up to OUTPUT_BYTES. */
class Collected {
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  readonly add = (chunk: Buffer): void => {
    const room = OUTPUT_BYTES - this.#bytes;
    if (room <= 0) return;
    this.#chunks.push(chunk.subarray(0, room));
    this.#bytes += Math.min(room, chunk.length);
  };

  text(): string {
    return Buffer.concat(this.#chunks).toString("utf8");
  }
}

/** Runs a program of the host to its end, without a shell. Rejects with ProgramError unless it exits with 0. */
export async function runProgram(
  command: readonly [string, ...string[]],
  options: ProgramOptions = {},
): Promise<ProgramResult> {
  const [file, ...args] = command;
  const limit = AbortSignal.timeout(options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  const signal = options.signal === undefined ? limit : AbortSignal.any([limit, options.signal]);
  return await new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      stdio: [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
      signal,
      killSignal: "SIGKILL",
    });
    const stdout = new Collected();
    const stderr = new Collected();
    child.stdout?.on("data", stdout.add);
    child.stderr?.on("data", stderr.add);
    // A program that leaves early breaks the pipe; its exit code says the rest.
    child.stdin?.on("error", () => {});
    child.stdin?.end(options.input);
    child.on("error", (error) => {
      const how = signal.aborted ? "was stopped" : "could not be started";
      reject(new ProgramError(command, how, null, stderr.text(), error));
    });
    child.on("close", (exitCode, killedBy) => {
      if (exitCode === 0) resolve({ stdout: stdout.text(), stderr: stderr.text() });
      const how = exitCode === null ? `was killed by ${killedBy}` : `exited with ${exitCode}`;
      reject(new ProgramError(command, how, exitCode, stderr.text()));
    });
  });
}
