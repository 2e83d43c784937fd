import { mkdir, readdir, readFile, rm, stat } from "node:fs/promises";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type TerminalId, type TerminalSize, terminalIdSchema } from "@slipway/protocol";
import type { ConsoleFiles } from "../runtime/runtime.ts";
import { Screens } from "./screen/screens.ts";
import { startShim } from "./shim-process.ts";
import { RING_BYTES, ShimTerminal } from "./shim-terminal.ts";
import type { Terminal, Terminals } from "./terminal.ts";

const SIGKILL = 9;
/** Time for a killed process's shim to write down the end and go. */
const END_TIMEOUT_MS = 5_000;
/** sockaddr_un holds 108 bytes (unix(7)), its final zero among them. */
const SOCKET_PATH_BYTES = 107;
const LONGEST_NAME = "/".concat("t".repeat(32), "/console.sock");

/** Terminals whose shims keep their files in one directory each, below `directory`. */
export class ShimTerminals implements Terminals {
  readonly #directory: string;
  readonly #program: string;
  readonly #screens = new Screens();
  readonly #known = new Map<TerminalId, Promise<ShimTerminal>>();

  /** `program` is the path of slipway-shim. */
  constructor(options: { directory: string; program: string }) {
    if (Buffer.byteLength(options.directory + LONGEST_NAME) > SOCKET_PATH_BYTES) {
      throw new Error(`The path ${options.directory} is too long for the sockets of terminals.`);
    }
    this.#directory = options.directory;
    this.#program = options.program;
  }

  async open(
    id: TerminalId,
    size: TerminalSize,
    command: (files: ConsoleFiles) => Promise<readonly string[]>,
  ): Promise<Terminal> {
    await this.remove(id);
    const directory = this.#path(id);
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const opened = this.#start(id, directory, size, command);
    this.#known.set(id, opened);
    try {
      return await opened;
    } catch (error) {
      this.#known.delete(id);
      await rm(directory, { recursive: true, force: true });
      throw error;
    }
  }

  async adopt(id: TerminalId): Promise<Terminal | null> {
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const directory = this.#path(id);
    if ((await stat(directory).catch(() => null)) === null) return null;
    // Another caller may have been faster while this one looked.
    const loaded = this.#known.get(id) ?? ShimTerminal.load(id, directory, this.#screens);
    this.#known.set(id, loaded);
    return loaded;
  }

  async list(): Promise<TerminalId[]> {
    const names = await readdir(this.#directory).catch(() => []);
    return names.flatMap((name) => {
      const id = terminalIdSchema.safeParse(name);
      return id.success ? [id.data] : [];
    });
  }

  async remove(id: TerminalId): Promise<void> {
    const terminal = await this.adopt(id).catch(() => null);
    if (terminal instanceof ShimTerminal) {
      if (terminal.exit === null) {
        terminal.signal(SIGKILL);
        await Promise.race([terminal.ended, delay(END_TIMEOUT_MS, undefined, { ref: false })]);
      }
      terminal.release();
    }
    const directory = this.#path(id);
    await killShim(directory);
    await rm(directory, { recursive: true, force: true });
    this.#known.delete(id);
  }

  /** Lets go of all terminals, so that this process can end; their processes live on. */
  async release(): Promise<void> {
    for (const terminal of await Promise.allSettled(this.#known.values())) {
      if (terminal.status === "fulfilled") terminal.value.release();
    }
    this.#known.clear();
    await this.#screens.close();
  }

  async #start(
    id: TerminalId,
    directory: string,
    size: TerminalSize,
    command: (files: ConsoleFiles) => Promise<readonly string[]>,
  ): Promise<ShimTerminal> {
    const consoleSocket = path.join(directory, "console.sock");
    const argv = await command({ consoleSocket, pidFile: path.join(directory, "pid") });
    await startShim(this.#program, directory, { size, ringBytes: RING_BYTES, command: argv });
    return ShimTerminal.begin(id, directory, this.#screens);
  }

  #path(id: TerminalId): string {
    return path.join(this.#directory, id);
  }
}

/** Kills a shim that did not end by itself. Its process gets SIGHUP from the kernel, as its pty goes. */
async function killShim(directory: string): Promise<void> {
  const pid = Number(await readFile(path.join(directory, "shim.pid"), "utf8").catch(() => ""));
  if (!Number.isInteger(pid) || pid <= 1) return;
  const commandLine = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  // The number may have become another program's.
  if (!commandLine.split("\0").includes(directory)) return;
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended in this very moment.
  }
}
