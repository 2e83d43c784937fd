import { once } from "node:events";
import { accessSync, closeSync, constants, openSync } from "node:fs";
import { Socket } from "node:net";
import path from "node:path";
import { openPipe, reapProgram, spawnProgram } from "@slipway/native";

/** What is kept of each of stdout and stderr, bytes; the rest is read and dropped. */
const OUTPUT_BYTES = 1024 * 1024;
/** How much of stderr an error message quotes, characters. */
const QUOTED_CHARACTERS = 2000;
const DEFAULT_TIMEOUT_MS = 30_000;

export interface ProgramOptions {
  /** Written to stdin, which ends after it; nothing by default. */
  readonly input?: string;
  /** The program is killed after this time, default 30 s. */
  readonly timeoutMs?: number;
  /** False where processes that outlive the program keep its stderr, which then is /dev/null. */
  readonly hearsErrors?: boolean;
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

/**
 * Runs a program of the host to its end, without a shell. Rejects with ProgramError unless it exits with 0.
 *
 * Node's own spawn copies the page tables of this process and stops its main thread meanwhile: 20 ms for a worker, in which no
 * key of anybody is echoed. This one starts programs on another thread, by posix_spawn(3).
 */
export async function runProgram(
  command: readonly [string, ...string[]],
  options: ProgramOptions = {},
): Promise<ProgramResult> {
  const limit = AbortSignal.timeout(options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  const signal = options.signal === undefined ? limit : AbortSignal.any([limit, options.signal]);
  const running = await start(command, options, signal);
  const stop = () => process.kill(running.pid, "SIGKILL");
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  let status: number;
  try {
    // It is a zombie whose pid nobody else has until it is reaped, and holds both pipes for as long as it runs.
    await running.ended;
  } finally {
    signal.removeEventListener("abort", stop);
    status = await reapProgram(running.pid);
  }
  const [stdout, stderr] = [running.stdout(), running.stderr()];
  const killedBy = status & 0x7f;
  const exitCode = killedBy === 0 ? (status >> 8) & 0xff : null;
  if (exitCode === 0) return { stdout, stderr };
  const how = exitCode === null ? `was killed by signal ${killedBy}` : `exited with ${exitCode}`;
  throw new ProgramError(command, signal.aborted ? "was stopped" : how, exitCode, stderr);
}

async function start(command: readonly [string, ...string[]], options: ProgramOptions, signal: AbortSignal) {
  const [name, ...args] = command;
  if (signal.aborted) throw new ProgramError(command, "was stopped", null, "");
  const stdin = openPipe();
  const output = openPipe();
  const errors = options.hearsErrors === false ? null : openPipe();
  const stdout = collect(output.readEnd, OUTPUT_BYTES);
  const stderr = errors && collect(errors.readEnd, OUTPUT_BYTES);
  // A program that leaves early breaks the pipe; its exit code says the rest.
  const given = new Socket({ fd: stdin.writeEnd, readable: false, writable: true }).on("error", () => {});
  given.end(options.input ?? "");
  const theirs = [stdin.readEnd, output.writeEnd, errors?.writeEnd ?? openSync("/dev/null", "w")];
  try {
    const pid = await spawnProgram(findProgram(name), args, theirs);
    const ended = Promise.all([stdout.ended, stderr?.ended]);
    return { pid, ended, stdout: stdout.text, stderr: () => stderr?.text() ?? "" };
  } catch (error) {
    throw new ProgramError(command, "could not be started", null, "", error);
  } finally {
    for (const descriptor of theirs) closeSync(descriptor);
  }
}

/** The path of a program as execvp(3) finds it; the name itself where there is none, which then is ENOENT. */
function findProgram(name: string): string {
  if (name.includes("/")) return name;
  for (const directory of (process.env.PATH ?? "").split(path.delimiter)) {
    const file = path.join(directory, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // not in this one
    }
  }
  return name;
}

/** Keeps the beginning of what comes from a pipe, up to a bound, and reads and drops the rest. */
function collect(fd: number, most: number) {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const socket = new Socket({ fd, readable: true, writable: false });
  socket.on("data", (chunk: Buffer) => {
    if (bytes >= most) return;
    chunks.push(chunk.subarray(0, most - bytes));
    bytes += chunk.length;
  });
  return { ended: once(socket, "close"), text: () => Buffer.concat(chunks).toString("utf8") };
}
