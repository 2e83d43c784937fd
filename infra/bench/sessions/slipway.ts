import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const START = fileURLToPath(new URL("../../bootstrap/start.mjs", import.meta.url));
/** The first start on a machine makes the base images. */
const START_TIMEOUT_MS = 20 * 60_000;
const STOP_TIMEOUT_MS = 120_000;
/** Apart from those of a Slipway that runs here anyway. */
const PORT = 3877;
export const SETTINGS = {
  SLIPWAY_INSTANCE: "bnch",
  SLIPWAY_ADDRESS_POOL: "100.99.0.0/16",
  SLIPWAY_ID_RANGE_START: "1900000000",
  SLIPWAY_PORT: String(PORT),
  SLIPWAY_PUBLIC_URL: `http://localhost:${PORT}`,
  SLIPWAY_LOG_LEVEL: "warn",
  SLIPWAY_MAX_SESSIONS: "400",
  SLIPWAY_SESSIONS_PER_PERSON: "400",
  SLIPWAY_SESSION_CPUS: "2",
} as const;

/** A whole Slipway as `npm start` runs it: PostgreSQL, web, worker, each a process of its own. */
export class RunningSlipway {
  readonly url = SETTINGS.SLIPWAY_PUBLIC_URL;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** `directory` keeps the base images from one bench to the next. */
  static async start(directory: string, note: (line: string) => void): Promise<RunningSlipway> {
    const env = { ...process.env, ...SETTINGS, SLIPWAY_DATA_DIR: directory };
    const child = spawn(process.execPath, [START], { env, stdio: ["ignore", "pipe", "inherit"] });
    const slipway = new RunningSlipway(child);
    const timer = setTimeout(() => child.kill("SIGINT"), START_TIMEOUT_MS);
    let ready = false;
    for await (const line of createInterface({ input: child.stdout })) {
      note(line);
      if (line.includes(`ready at`) && line.includes(slipway.url)) {
        ready = true;
        break;
      }
    }
    clearTimeout(timer);
    child.stdout.resume();
    if (!ready) throw new Error("Slipway could not be started for the bench.");
    return slipway;
  }

  /** Pid of the worker process. */
  get workerPid(): number {
    return this.#childRunning("worker/dist/main.mjs");
  }

  /** Pids of the shims of all terminals. */
  get shimPids(): number[] {
    return pids().filter((pid) => commandLine(pid).includes("slipway-shim") && belongsToUs(pid));
  }

  /** Pids of the keepers of all processes that docker started. */
  get keeperPids(): number[] {
    return pids().filter((pid) => commandLine(pid).includes("slipway-keeper") && belongsToUs(pid));
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGINT");
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(timer);
  }

  #childRunning(program: string): number {
    const pid = pids().find((one) => parentOf(one) === this.#child.pid && commandLine(one).includes(program));
    if (pid === undefined) throw new Error(`Slipway has no process that runs ${program}.`);
    return pid;
  }
}

function pids(): number[] {
  return readdirSync("/proc").map(Number).filter(Number.isInteger);
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(path.join("/proc", String(pid), file), "utf8");
  } catch {
    return ""; // it has ended meanwhile
  }
}

const commandLine = (pid: number): string => read(pid, "cmdline").replaceAll("\0", " ");
const parentOf = (pid: number): number => Number(/^PPid:\s+(\d+)/m.exec(read(pid, "status"))?.[1]);
/** Shims name the directory of their terminal, which lies in that of the bench. */
const belongsToUs = (pid: number): boolean => commandLine(pid).includes("slipway-sessions-bench");

/** Resident memory that a process has alone, and its part of what it shares, bytes (proc(5), smaps_rollup). */
export function memoryBytes(pid: number): number {
  return Number(/^Pss:\s+(\d+)/m.exec(read(pid, "smaps_rollup"))?.[1] ?? 0) * 1024;
}

/** Processor seconds of all threads so far (proc(5), stat; a tick is 10 ms on Linux). */
export function cpuSeconds(pid: number): number {
  const fields = read(pid, "stat").split(") ").at(-1)?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
