import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { WebSocket } from "ws";
import { Ears, type Viewed } from "./viewer.ts";

const PTY = fileURLToPath(new URL("on-pty.py", import.meta.url));
const PLAIN_SERVER = fileURLToPath(new URL("plain-server.mjs", import.meta.url));
const RUN_TIMEOUT_MS = 60_000;

/** crun of Debian refuses a hybrid layout of cgroups; without its second half in sight it does not. */
const UNIFIED = "/sys/fs/cgroup/unified";

/**
 * Milliseconds from the start of a command on a pty to its first byte of output. The command is a shell in the end. It runs in
 * a mount namespace that was made before.
 */
export async function firstByte(command: readonly string[]): Promise<number> {
  const script = existsSync(UNIFIED) ? `umount ${UNIFIED} && exec "$@"` : 'exec "$@"';
  const measured = ["python3", PTY, "first-byte", "--", ...command];
  const args = ["--mount", "sh", "-c", script, "sh", ...measured];
  const { stdout } = await promisify(execFile)("unshare", args, { timeout: RUN_TIMEOUT_MS });
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
