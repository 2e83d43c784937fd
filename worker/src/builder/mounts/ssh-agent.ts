import { type ChildProcess, spawn } from "node:child_process";
import { chown, mkdir, rm, stat } from "node:fs/promises";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { SlipwayError } from "@slipway/protocol";
import { ProgramError, runProgram } from "../../process/program.ts";

/** How long an agent may take to listen. */
const START_MS = 10_000;
const POLL_MS = 10;
/** An agent that nobody stops forgets its key after this time, seconds. */
const KEY_LIFETIME_S = 7200;

/** Name of an agent's socket in its directory. */
export const AGENT_SOCKET = "socket";

/**
 * A real ssh-agent(1) with one key, as a user who has nothing else on this machine; it ends with the worker at the latest.
 * The key goes to it through a pipe and touches no disk.
 */
export class SshAgent {
  readonly #directory: string;
  readonly #process: ChildProcess;

  private constructor(directory: string, process: ChildProcess) {
    this.#directory = directory;
    this.#process = process;
  }

  /**
   * Listens at `<directory>/socket`, where only its own user and root are let in; the directory is made. Rejects with
   * `request-invalid` for what is no private key, or one with a passphrase.
   */
  static async start(directory: string, uid: number, key: string): Promise<SshAgent> {
    await mkdir(directory, { mode: 0o700 });
    await chown(directory, uid, uid);
    // By its working directory the user reaches what it could not pass the way to.
    const process = spawn("setpriv", [...unprivileged(uid), "ssh-agent", "-D", "-a", AGENT_SOCKET], {
      stdio: "ignore",
      env: { PATH: "/usr/bin:/bin" },
      cwd: directory,
    });
    const agent = new SshAgent(directory, process);
    try {
      await listening(path.join(directory, AGENT_SOCKET), process);
      await add(directory, uid, key);
      return agent;
    } catch (error) {
      await agent.stop();
      throw error;
    }
  }

  /** Ends it and removes its directory. Idempotent. */
  async stop(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null && this.#process.pid) {
      const ended = new Promise((resolve) => this.#process.once("exit", resolve));
      this.#process.kill("SIGKILL");
      await ended;
    }
    await rm(this.#directory, { recursive: true, force: true });
  }
}

const unprivileged = (uid: number): string[] => [
  `--reuid=${uid}`,
  `--regid=${uid}`,
  "--clear-groups",
  "--no-new-privs",
  "--inh-caps=-all",
  "--bounding-set=-all",
  "--pdeathsig=KILL",
  "--",
];

async function listening(socket: string, process: ChildProcess): Promise<void> {
  let failure: unknown = null;
  process.once("error", (error) => {
    failure = error;
  });
  for (let waited = 0; waited < START_MS; waited += POLL_MS) {
    if (failure !== null || process.exitCode !== null)
      throw new SlipwayError("internal", "ssh-agent could not be started.", { cause: failure });
    if (await stat(socket).catch(() => null)) return;
    await delay(POLL_MS);
  }
  throw new SlipwayError("internal", `ssh-agent does not listen after ${START_MS} ms.`);
}

async function add(directory: string, uid: number, key: string): Promise<void> {
  const agent = ["env", `SSH_AUTH_SOCK=${AGENT_SOCKET}`, "SSH_ASKPASS_REQUIRE=never"];
  const command = ["ssh-add", "-q", "-t", String(KEY_LIFETIME_S), "-"];
  try {
    await runProgram(["env", `--chdir=${directory}`, "setpriv", ...unprivileged(uid), ...agent, ...command], {
      input: key.endsWith("\n") ? key : `${key}\n`,
    });
  } catch (error) {
    if (!(error instanceof ProgramError) || error.missing) throw error;
    // What ssh-add says may hold a part of what it read.
    throw new SlipwayError("request-invalid", "An ssh key is no private key, or has a passphrase.");
  }
}
