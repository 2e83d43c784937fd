import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, constants, openSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { expect } from "vitest";
import type { RuntimeHarness } from "./conformance-harness.ts";
import type { ConsoleFiles, Container, ContainerSpec } from "./runtime.ts";

/** Accepts one console, reads what it prints and keeps its pty open until killed. */
const CONSOLE_LISTENER = `
import array, os, socket, sys, time
server = socket.socket(socket.AF_UNIX)
server.bind(sys.argv[1])
server.listen(1)
print("listening", flush=True)
connection, _ = server.accept()
_, ancillary, _, _ = connection.recvmsg(4096, 64)
fds = array.array("i")
fds.frombytes(ancillary[0][2][:4])
try:
    while os.read(fds[0], 4096):
        pass
except OSError:
    time.sleep(600)
`;

/** Starts command lines of containers as a terminal's shim does, on ptys that a listener holds. */
export class Consoles {
  readonly #harness: RuntimeHarness;
  readonly #listeners: ChildProcess[] = [];

  constructor(harness: RuntimeHarness) {
    this.#harness = harness;
  }

  files(name: string): ConsoleFiles {
    const directory = path.join(this.#harness.home, "disk", name);
    return { consoleSocket: path.join(directory, "console"), pidFile: path.join(directory, "pid") };
  }

  async start(name: string, command: readonly string[]): Promise<void> {
    expect(await this.begin(name, command)).toBe(0);
  }

  /** Gives the exit code of a command that may fail. It finds descriptors of its starter that it has no use for. */
  async begin(name: string, command: readonly string[]): Promise<number> {
    const { consoleSocket } = this.files(name);
    await mkdir(path.dirname(consoleSocket));
    const listener = spawn("python3", ["-c", CONSOLE_LISTENER, consoleSocket], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#listeners.push(listener);
    if (listener.stdout !== null) await once(listener.stdout, "data");
    const [file = "", ...args] = command;
    const leaked = openSync("/", constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      const child = spawn(file, args, {
        stdio: ["ignore", "inherit", "inherit", leaked, leaked, leaked, leaked, leaked],
      });
      const [code] = await once(child, "exit");
      return code;
    } finally {
      closeSync(leaked);
    }
  }

  /** Creates a container whose main process waits. */
  async create(args: readonly string[]): Promise<Container> {
    const made = await this.#harness.runtime.create(this.#harness.spec(args));
    await this.start("main", made.createCommand(this.files("main")));
    return made;
  }

  /** Creates and starts a container, and looks it up again as a restarted worker would. */
  async run(args: readonly string[], changes: Partial<ContainerSpec> = {}): Promise<Container> {
    const made = await this.#harness.runtime.create(this.#harness.spec(args, changes));
    await this.start("main", made.runCommand(this.files("main")));
    const adopted = await this.#harness.runtime.adopt(made.id);
    if (adopted === null) throw new Error("A container that runs could not be adopted.");
    return adopted;
  }

  close(): void {
    for (const listener of this.#listeners.splice(0)) listener.kill("SIGKILL");
  }
}
