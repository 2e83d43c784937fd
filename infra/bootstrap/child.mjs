import { spawn } from "node:child_process";
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { end, identify, readIdentity } from "./identity.mjs";
import { Log } from "./log.mjs";
import { STANDBY_ENVIRONMENT, Standby } from "./standby.mjs";

/** A child that ended is started again after these waits, ms; the last one repeats. */
const BACKOFF_MS = [20, 1_000, 2_000, 4_000, 8_000];
/** More ends than this within the window, and everything stops. */
const MOST_ENDS = 5;
const ENDS_WINDOW_MS = 120_000;

/**
 * @typedef {object} ChildOptions
 * @property {string} name
 * @property {() => { program: string, args: string[] }} command
 * @property {string} cwd
 * @property {NodeJS.ProcessEnv} env the whole environment of the child
 * @property {{ uid: number, gid: number } | null} account whom it runs as; null: as this process
 * @property {NodeJS.Signals} orphanSignal sent by the kernel when this process dies without stopping it
 * @property {string} logFile
 * @property {string} runDirectory where its identity is written
 * @property {number} [standbyAfterMs] so long after it is up, a second one is loaded and waits for the end of this one; else none
 * @property {() => Promise<unknown>} [beforeRestart] clears away what the last one left
 * @property {(line: string, stream: "stdout" | "stderr") => void} onLine told every line that it prints
 * @property {(how: string) => void} onTrouble told how it ended when nobody asked for it, and that it is started again
 * @property {(how: string) => void} onGivenUp told how it ended, when it is not started again
 */

/** A process of ours that is started again when it ends, until it is stopped or ends too often. */
export class Child {
  #options;
  #log;
  /** @type {import("node:child_process").ChildProcess | null} */
  #process = null;
  #stopping = false;
  #kept = false;
  /** @type {number[]} when it ended unasked, ms */
  #ends = [];
  /** @type {NodeJS.Timeout | undefined} */
  #restart;
  /** @type {Standby | null} */
  #standby;

  /** @param {ChildOptions} options */
  constructor(options) {
    this.#options = options;
    this.#log = new Log(options.logFile);
    const { standbyAfterMs } = options;
    this.#standby =
      standbyAfterMs === undefined ? null : new Standby(() => this.#spawn(true), standbyAfterMs);
  }

  get pid() {
    return this.#process?.pid ?? 0;
  }

  /** Of the one that waits for its turn; 0 while there is none. */
  get standbyPid() {
    return this.#standby?.pid ?? 0;
  }

  get isRunning() {
    return this.#process !== null;
  }

  get logFile() {
    return this.#log.file;
  }

  start() {
    const child = this.#standby?.take() ?? this.#spawn(false);
    this.#process = child;
    if (child.pid) this.#remember(child.pid);
    child.once("error", (error) => this.#ended(child, `could not be started (${error.message})`));
    child.once("exit", (code, signal) =>
      this.#ended(child, signal ? `was ended by ${signal}` : `ended with status ${code}`),
    );
    if (this.#kept) this.#standby?.prepare();
  }

  /** @param {boolean} waits for its turn */
  #spawn(waits) {
    const { command, cwd, account, orphanSignal } = this.#options;
    const env = waits ? { ...this.#options.env, ...STANDBY_ENVIRONMENT } : this.#options.env;
    const { program, args } = command();
    // setpriv(1) drops the user and then asks for the signal, which a change of user would clear.
    const drop = account ? [`--reuid=${account.uid}`, `--regid=${account.gid}`, "--clear-groups"] : [];
    const wrapper = [...drop, `--pdeathsig=${orphanSignal}`, "--", program, ...args];
    // A session of its own, so that Ctrl-C of the terminal reaches us only and the order of stopping is ours.
    const child = spawn("setpriv", wrapper, {
      cwd,
      env,
      stdio: [waits ? "pipe" : "ignore", "pipe", "pipe"],
      detached: true,
    });
    this.#listen(child);
    return child;
  }

  /** From now on it is started again when it ends. Before that, an end is a start that failed. */
  keep() {
    this.#kept = true;
    this.#standby?.prepare();
  }

  /**
   * Asks it to end, and kills it when it does not in time.
   * @param {NodeJS.Signals} signal
   * @param {number} timeoutMs
   * @returns {Promise<"ended" | "killed" | "gone">}
   */
  async stop(signal, timeoutMs) {
    this.#stopping = true;
    clearTimeout(this.#restart);
    this.#standby?.discard();
    const identity = this.#process?.pid ? identify(this.#process.pid) : null;
    const how = identity ? await end(identity, signal, timeoutMs) : "gone";
    rmSync(this.#identityFile(), { force: true });
    return how;
  }

  #identityFile() {
    return path.join(this.#options.runDirectory, `${this.#options.name}.json`);
  }

  /** @param {number} pid */
  #remember(pid) {
    mkdirSync(this.#options.runDirectory, { recursive: true });
    const file = this.#identityFile();
    writeFileSync(`${file}.new`, JSON.stringify(identify(pid)));
    renameSync(`${file}.new`, file);
  }

  /** @param {import("node:child_process").ChildProcess} child */
  #listen(child) {
    for (const name of /** @type {const} */ (["stdout", "stderr"])) {
      const stream = child[name];
      if (!stream) continue;
      stream.on("data", (chunk) => this.#log.write(chunk));
      createInterface({ input: stream }).on("line", (line) => this.#options.onLine(line, name));
    }
  }

  /** @param {import("node:child_process").ChildProcess} child @param {string} how */
  #ended(child, how) {
    if (this.#process !== child) return;
    this.#process = null;
    this.#log.line(`${this.#options.name} ${how}`);
    if (this.#stopping) return;
    if (!this.#kept) return this.#options.onGivenUp(how);
    const now = Date.now();
    this.#ends = [...this.#ends.filter((moment) => now - moment < ENDS_WINDOW_MS), now];
    if (this.#ends.length > MOST_ENDS) {
      return this.#options.onGivenUp(
        `${how}, for the ${this.#ends.length}th time in ${ENDS_WINDOW_MS / 60_000} minutes`,
      );
    }
    const wait = BACKOFF_MS[Math.min(this.#ends.length, BACKOFF_MS.length) - 1] ?? 0;
    this.#options.onTrouble(`${how} and is started again`);
    this.#restart = setTimeout(() => this.#startAgain(), wait);
  }

  async #startAgain() {
    try {
      await this.#options.beforeRestart?.();
      if (!this.#stopping) this.start();
    } catch (error) {
      this.#options.onGivenUp(error instanceof Error ? error.message : String(error));
    }
  }
}

/**
 * Ends what a supervisor that was killed left running. The worker ends without its sessions: the next one adopts them.
 * @param {string} runDirectory
 * @param {readonly { name: string, signal: NodeJS.Signals, timeoutMs: number }[]} children
 * @returns {Promise<string[]>} names of those that still ran
 */
export async function endLeftovers(runDirectory, children) {
  const found = await Promise.all(
    children.map(async ({ name, signal, timeoutMs }) => {
      const file = path.join(runDirectory, `${name}.json`);
      const identity = readIdentity(file);
      const how = identity ? await end(identity, signal, timeoutMs) : "gone";
      rmSync(file, { force: true });
      return how === "gone" ? null : name;
    }),
  );
  return found.filter((name) => name !== null);
}
