import { once } from "node:events";
import { closeSync, fchownSync } from "node:fs";
import { Socket } from "node:net";
import { openPipe, reapProgram, spawnProgram } from "@slipway/native";
import type { RunOutput } from "./runtime.ts";
import { runtimeFailure } from "./runtime-failure.ts";
import { lastError } from "./runtime-log.ts";
import type { LaunchCommand } from "./runtime-program.ts";

/** How long slipway-launch may take to kill a container when asked; then it is killed itself. */
const STOP_GRACE_MS = 10_000;
/** What slipway-launch may say itself, bytes. */
const STATUS_BYTES = 64;

export interface Surroundings {
  /** Where the runtime says what is wrong. */
  readonly logFile: string;
  /** Ids on the host of the container's process: it opens the output pipes again as /dev/stdout. */
  readonly owner: { readonly uid: number; readonly gid: number };
}

/**
 * Runs a command line of slipway-launch that waits for its container, and resolves with the container's exit code.
 * Rejects with `command-not-found` or `runtime-failed` when it never ran, with the signal's reason when aborted.
 */
export async function runToEnd(
  command: LaunchCommand,
  { logFile, owner }: Surroundings,
  output: RunOutput,
  signal: AbortSignal,
): Promise<number> {
  signal.throwIfAborted();
  let status = "";
  const stdin = openPipe();
  const stdout = openPipe();
  const stderr = openPipe();
  const said = openPipe();
  // stdin ends at once, and is not /dev/null: crun gives it to the container's root, and that would be the host's.
  closeSync(stdin.writeEnd);
  for (const pipe of [stdout, stderr]) fchownSync(pipe.writeEnd, owner.uid, owner.gid);
  const ends = Promise.all([
    readPipe(stdout.readEnd, (chunk) => output.stdout(chunk)),
    readPipe(stderr.readEnd, (chunk) => output.stderr(chunk)),
    readPipe(said.readEnd, (chunk) => {
      status = (status + chunk.toString("latin1")).slice(0, STATUS_BYTES);
    }),
  ]);
  const given = [stdin.readEnd, stdout.writeEnd, stderr.writeEnd, said.writeEnd];
  let pid: number;
  try {
    pid = await spawnProgram(command.file, command.args, [...given, ...command.descriptors]);
  } finally {
    for (const descriptor of given) closeSync(descriptor);
  }
  let killTimer: NodeJS.Timeout | undefined;
  const stop = (): void => {
    process.kill(pid, "SIGTERM");
    killTimer = setTimeout(() => process.kill(pid, "SIGKILL"), STOP_GRACE_MS);
  };
  signal.addEventListener("abort", stop, { once: true });
  try {
    if (signal.aborted) stop();
    // slipway-launch holds a pipe until it ends, and is a zombie whose pid nobody else has until it is reaped.
    await ends;
  } finally {
    signal.removeEventListener("abort", stop);
    clearTimeout(killTimer);
    await reapProgram(pid);
  }
  signal.throwIfAborted();
  const code = /^exit (\d+)$/m.exec(status)?.[1];
  if (code === undefined) throw runtimeFailure(await lastError(logFile));
  return Number(code);
}

/** Resolves when every writer has closed the pipe. */
async function readPipe(fd: number, onChunk: (chunk: Buffer) => void): Promise<void> {
  const socket = new Socket({ fd, readable: true, writable: false });
  socket.on("data", onChunk);
  await once(socket, "close");
}
