import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { Refusal } from "./refusal.mjs";

/** How many of the last lines of a command are kept to say why it failed, unless the caller wants more. */
const TAIL_LINES = 40;
/** How long a command that runs out of time may take to end after SIGTERM. */
const TERM_GRACE_MS = 5_000;

/**
 * @typedef {object} CommandOptions
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env]
 * @property {{ uid: number, gid: number, home?: string } | null} [user] whom it runs as; null or missing: as this process
 * @property {number} timeoutMs
 * @property {AbortSignal} [signal] ends it, and what it started
 * @property {number} [tailLines] how many of its last lines are kept
 * @property {string} [input] its standard input
 * @property {(line: string) => void} [onLine] told every line of its output
 * @property {(line: string) => void} [onStatus] told every line that it writes to its descriptor 3
 */

/** A command ended badly. `tail` holds its last lines. */
export class CommandFailure extends Error {
  /** @override */
  name = "CommandFailure";

  /** @param {string} command @param {string} how @param {string[]} tail */
  constructor(command, how, tail) {
    super(`${command} ${how}.\n${tail.join("\n")}`);
    this.tail = tail;
    this.how = how;
  }
}

/**
 * Runs a program to its end.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {CommandOptions} options
 * @returns {Promise<string[]>} its last lines
 * @throws {CommandFailure}
 */
export function runCommand(program, args, options) {
  const { user, timeoutMs, signal, input, onLine, onStatus, tailLines = TAIL_LINES } = options;
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: { ...(options.env ?? process.env), ...(user?.home ? { HOME: user.home } : {}) },
    ...(user ? { uid: user.uid, gid: user.gid } : {}),
    stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe", onStatus ? "pipe" : "ignore"],
    // A process group of its own: npm and make start others, and all of them have to end.
    detached: true,
  });
  /** @type {string[]} */
  const tail = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue;
    createInterface({ input: stream }).on("line", (line) => {
      if (tail.push(line) > tailLines) tail.shift();
      onLine?.(line);
    });
  }
  const status = child.stdio[3];
  if (onStatus && status && "read" in status) createInterface({ input: status }).on("line", onStatus);
  if (input !== undefined) child.stdin?.on("error", () => {}).end(input);
  return finish(child, `${program} ${args.slice(0, 2).join(" ")}`, tail, timeoutMs, signal);
}

/**
 * @param {import("node:child_process").ChildProcess} child
 * @param {string} command
 * @param {string[]} tail
 * @param {number} timeoutMs
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<string[]>}
 */
function finish(child, command, tail, timeoutMs, signal) {
  return new Promise((resolve, reject) => {
    let how = "";
    /** @param {string} reason */
    const terminate = (reason) => {
      how = reason;
      signalGroup(child, "SIGTERM");
      setTimeout(() => signalGroup(child, "SIGKILL"), TERM_GRACE_MS).unref();
    };
    const timer = setTimeout(
      () => terminate(`did not end within ${Math.round(timeoutMs / 1000)} s`),
      timeoutMs,
    );
    const abort = () => terminate("was interrupted");
    signal?.addEventListener("abort", abort, { once: true });
    const settle = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    };
    child.once("error", (error) => {
      settle();
      reject(new CommandFailure(command, `could not be started: ${error.message}`, tail));
    });
    child.once("close", (code, killedBy) => {
      settle();
      if (code === 0 && how === "") return resolve(tail);
      reject(
        new CommandFailure(
          command,
          how || (killedBy ? `ended by ${killedBy}` : `ended with status ${code}`),
          tail,
        ),
      );
    });
  });
}

/**
 * @param {import("node:child_process").ChildProcess} child leader of its group
 * @param {NodeJS.Signals} signal
 */
function signalGroup(child, signal) {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // All of them have ended.
  }
}

/**
 * Turns a failed command into a sentence; a full disk keeps its own.
 * @param {unknown} error
 * @param {string} sentence
 * @returns {Error}
 */
export function refuse(error, sentence) {
  if (error instanceof Refusal) return error;
  const full = error instanceof Error && /\bENOSPC\b|No space left on device/.test(error.message);
  return full ? error : new Refusal(sentence, { cause: error });
}
