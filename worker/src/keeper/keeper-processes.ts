import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { SlipwayError } from "@slipway/protocol";
import { z } from "zod";
import { ProgramError, runProgram } from "../process/program.ts";
import { runtimeFailure } from "../runtime/runtime-failure.ts";
import { lastError } from "../runtime/runtime-log.ts";
import type {
  KeeperOrder,
  Keepers,
  KeptProcess,
  ProcessExit,
  ProcessStreams,
  StreamListener,
} from "./keeper.ts";
import { connectKeeper } from "./keeper-connection.ts";

/** The keeper gives its runtime 60 s; one that says nothing for longer is broken. */
const REPORT_TIMEOUT_MS = 65_000;
/** sockaddr_un holds 108 bytes (unix(7)), its final zero among them. */
const SOCKET_PATH_BYTES = 107;
const LONGEST_NAME = "/".concat("k".repeat(40), "/console.sock");
const ID = /^[a-z0-9][a-z0-9-]{0,39}$/;

const reportSchema = z.discriminatedUnion("ready", [
  z.object({ ready: z.literal(true), pid: z.number().int().positive() }),
  z.object({ ready: z.literal(false), exitStatus: z.number().int().nullable(), message: z.string() }),
]);
const exitSchema = z.object({ exitCode: z.number().int(), atMs: z.number().int() });

/** Keepers with a directory each, below `directory`. */
export class KeeperProcesses implements Keepers {
  readonly #directory: string;
  readonly #program: string;
  readonly #known = new Map<string, KeeperProcess>();

  /** `program` is the path of slipway-keeper. */
  constructor(options: { directory: string; program: string }) {
    if (Buffer.byteLength(options.directory + LONGEST_NAME) > SOCKET_PATH_BYTES) {
      throw new Error(`The path ${options.directory} is too long for the sockets of keepers.`);
    }
    this.#directory = options.directory;
    this.#program = options.program;
  }

  async start(id: string, order: KeeperOrder): Promise<KeptProcess> {
    if (!ID.test(id)) throw new SlipwayError("internal", `Not the id of a kept process: ${id}`);
    await this.remove(id);
    const directory = this.#path(id);
    await mkdir(directory, { recursive: true, mode: 0o700 });
    try {
      const pid = await this.#run(directory, order);
      const kept = await KeeperProcess.open(id, directory, pid);
      this.#known.set(id, kept);
      return kept;
    } catch (error) {
      await rm(directory, { recursive: true, force: true });
      throw error;
    }
  }

  async #run(directory: string, order: KeeperOrder): Promise<number> {
    const logFile = path.join(directory, "runtime.log");
    const command = await order.command({
      pidFile: path.join(directory, "pid"),
      logFile,
      consoleSocket: order.tty ? path.join(directory, "console.sock") : null,
    });
    const { log, owner, size } = order;
    const options: Record<string, string | number> = {
      "--dir": directory,
      "--tty": order.tty ? 1 : 0,
      "--stdin": order.stdin ? 1 : 0,
      "--rows": size.rows,
      "--cols": size.cols,
      "--hold": order.awaited,
      "--uid": owner.uid,
      "--gid": owner.gid,
      ...(log === null ? {} : { "--log": log.path, "--log-bytes": log.mostBytes }),
    };
    const args = [
      ...Object.entries(options).flatMap(([name, value]) => [name, String(value)]),
      "--",
      ...command,
    ];
    const said = await output(this.#program, args);
    const report = reportSchema.safeParse(parseJson(said));
    if (!report.success) throw new SlipwayError("runtime-failed", "The keeper ended without a report.");
    if (report.data.ready) return report.data.pid;
    throw runtimeFailure(report.data.message || (await lastError(logFile)));
  }

  async adopt(id: string): Promise<KeptProcess | null> {
    const known = this.#known.get(id);
    if (known !== undefined && !known.isReleased) return known;
    if (!ID.test(id) || !(await this.list()).includes(id)) return null;
    const adopted = await KeeperProcess.open(id, this.#path(id), null);
    this.#known.set(id, adopted);
    return adopted;
  }

  async list(): Promise<string[]> {
    return (await readdir(this.#directory).catch(() => [])).filter((name) => ID.test(name));
  }

  async remove(id: string): Promise<void> {
    this.#known.get(id)?.release();
    this.#known.delete(id);
    await killKeeper(this.#path(id));
    await rm(this.#path(id), { recursive: true, force: true });
  }

  /** Lets go of all, so that this process can end; their processes live on. */
  release(): void {
    for (const kept of this.#known.values()) kept.release();
    this.#known.clear();
  }

  #path(id: string): string {
    return path.join(this.#directory, id);
  }
}

class KeeperProcess implements KeptProcess {
  readonly id: string;
  readonly pid: number | null;
  readonly ended: Promise<ProcessExit | null>;
  readonly #directory: string;
  #exit: ProcessExit | null = null;
  #watch: ProcessStreams | null = null;
  #isReleased = false;
  #end: (exit: ProcessExit | null) => void = () => {};

  private constructor(id: string, directory: string, pid: number | null) {
    this.id = id;
    this.pid = pid;
    this.#directory = directory;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  /** Of a process that has been started, by this worker (`pid`) or an earlier one. */
  static async open(id: string, directory: string, pid: number | null): Promise<KeeperProcess> {
    const running =
      pid ?? (Number(await readFile(path.join(directory, "pid"), "utf8").catch(() => "")) || null);
    const kept = new KeeperProcess(id, directory, running);
    await kept.#follow();
    return kept;
  }

  get exit(): ProcessExit | null {
    return this.#exit;
  }

  resize(size: { readonly rows: number; readonly cols: number }): void {
    this.#watch?.resize(size);
  }

  async attach(listener: StreamListener): Promise<ProcessStreams> {
    return await connectKeeper(path.join(this.#directory, "keeper.sock"), true, listener);
  }

  /** True when its end is not watched any more. */
  get isReleased(): boolean {
    return this.#isReleased;
  }

  release(): void {
    this.#isReleased = true;
    this.#watch?.close();
  }

  async #follow(): Promise<void> {
    const listener = { output: () => true, ended: () => void this.#over() };
    try {
      this.#watch = await connectKeeper(path.join(this.#directory, "keeper.sock"), false, listener);
    } catch {
      await this.#over();
    }
  }

  /** The keeper writes the exit down before it lets go of anybody. */
  async #over(): Promise<void> {
    const text = await readFile(path.join(this.#directory, "exit"), "utf8").catch(() => "");
    const parsed = exitSchema.safeParse(parseJson(text));
    this.#exit = parsed.success ? parsed.data : null;
    this.#end(this.#exit);
  }
}

/** What a keeper writes before it leaves for a process of its own. Its environment is the PATH and nothing else. */
async function output(program: string, args: readonly string[]): Promise<string> {
  const clean = ["-i", `PATH=${process.env.PATH}`, program, ...args] as const;
  try {
    const options = { timeoutMs: REPORT_TIMEOUT_MS, hearsErrors: false };
    return (await runProgram(["/usr/bin/env", ...clean], options)).stdout;
  } catch (error) {
    if (error instanceof ProgramError && error.exitCode !== null) return "";
    const reason = error instanceof Error ? error.message : String(error);
    throw new SlipwayError("runtime-failed", `${program} can't be run: ${reason}`, { cause: error });
  }
}

async function killKeeper(directory: string): Promise<void> {
  const pid = Number(await readFile(path.join(directory, "keeper.pid"), "utf8").catch(() => ""));
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

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
