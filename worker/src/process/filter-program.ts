import { spawn } from "node:child_process";
import type { Readable } from "node:stream";

/** Id of nobody: what a filter reads was written by strangers, and it needs no right but that to read and write its pipes. */
const NOBODY = 65_534;
/** What is kept of stderr, characters. */
const QUOTED_CHARACTERS = 500;

/** A filter that could not be started, failed, or was killed. */
export class FilterFailure extends Error {
  override readonly name = "FilterFailure";
}

/**
 * Bytes as a program of the host makes them from others, in the manner of a pipe: stdin to stdout, nothing buffered. The
 * program has no environment but a PATH, and is killed when the reader stops. Fails with FilterFailure, and with the error of
 * `source`.
 */
export async function* filtered(
  command: readonly [string, ...string[]],
  source: Readable,
): AsyncGenerator<Uint8Array, void, undefined> {
  const [file, ...args] = command;
  const identity = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  const child = spawn(file, args, {
    cwd: "/",
    env: { PATH: process.env.PATH },
    stdio: ["pipe", "pipe", "pipe"],
    ...identity,
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(0, QUOTED_CHARACTERS);
  });
  const ended = new Promise<string | null>((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code, signal) => resolve(code === 0 ? null : `ended with ${code ?? signal}`));
  });
  let broken: Error | null = null;
  source.on("error", (error) => {
    broken = error;
    child.kill("SIGKILL");
  });
  // A filter that leaves early breaks the pipe; its exit code says the rest.
  child.stdin.on("error", () => source.unpipe(child.stdin));
  source.pipe(child.stdin);
  try {
    yield* child.stdout as AsyncIterable<Uint8Array>;
    const problem = await ended;
    if (broken) throw broken;
    if (problem !== null) throw new FilterFailure(`${file} ${problem}: ${said.trim()}`);
  } finally {
    child.kill("SIGKILL");
    source.destroy();
  }
}
