import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { WebSocket } from "ws";
import { Ears, type Viewed } from "./viewer.ts";

const PTY = fileURLToPath(new URL("on-pty.py", import.meta.url));
const PLAIN_SERVER = fileURLToPath(new URL("plain-server.mjs", import.meta.url));
const RUN_TIMEOUT_MS = 60_000;

/** Milliseconds from the start of a command on a pty to its first byte of output. The command is a shell in the end. */
export async function firstByte(command: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const args = [PTY, "first-byte", "--", ...command];
  const { stdout } = await promisify(execFile)("python3", args, { timeout: RUN_TIMEOUT_MS, env });
  return Number(stdout);
}

export interface PlainServer {
  readonly pid: number;
  readonly terminal: Viewed;
  close(): Promise<void>;
}

/** A shell on a pty behind a WebSocket and nothing else, and one client of it. */
export async function startPlainServer(shell: string): Promise<PlainServer> {
  const child = spawn("python3", [PTY, "serve", shell, "--", process.execPath, PLAIN_SERVER], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [port] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
  const ears = new Ears();
  socket.on("message", (data: Buffer) => ears.hear(data));
  await once(socket, "open");
  return {
    pid: child.pid ?? 0,
    terminal: {
      send: (text) => socket.send(text),
      output: (isIt) => ears.output(isIt),
      close: () => socket.close(),
    },
    close: () => ended(child, socket),
  };
}

async function ended(child: ChildProcess, socket: WebSocket): Promise<void> {
  const end = once(child, "exit");
  socket.close();
  child.stdin?.end();
  await end;
}
