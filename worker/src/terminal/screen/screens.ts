import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import type { Advanced, Base, JobReply, JobRequest, Portion } from "./screen-jobs.ts";

/** Jobs that the thread has at a time; each may hold some megabytes of output. */
const JOBS_AT_ONCE = 8;
/** Memory of the thread, megabytes. One that needs more is ended, and the next job begins a new one. */
const THREAD_MEMORY_MB = 512;

/** A job that came to nothing: the thread ended, or the output is more than the emulator can bear. */
export class ScreenFailed extends Error {
  override readonly name = "ScreenFailed";
}

export interface ScreenJob {
  readonly terminal: string;
  readonly version: number;
  readonly base: Base;
  readonly portion: Portion;
}

interface Pending {
  readonly job: ScreenJob;
  readonly resolve: (advanced: Advanced) => void;
  readonly reject: (error: Error) => void;
}

/** Pictures of screens, made by emulators in one thread for all terminals. The thread begins with the first job. */
export class Screens {
  #thread: Worker | null = null;
  #number = 0;
  #waiting: Pending[] = [];
  readonly #running = new Map<number, Pending>();
  #closed = false;

  /** The picture after `portion`. Rejects with ScreenFailed. To be called for one job of a terminal after the other. */
  advance(job: ScreenJob): Promise<Advanced> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ job, resolve, reject });
      this.#next();
    });
  }

  /** Ends the thread; jobs under way come to nothing. */
  async close(): Promise<void> {
    this.#closed = true;
    const thread = this.#thread;
    this.#failAll("the thread is closed");
    await thread?.terminate();
  }

  #next(): void {
    while (!this.#closed && this.#running.size < JOBS_AT_ONCE) {
      const pending = this.#waiting.shift();
      if (pending === undefined) return;
      this.#post(pending, null);
    }
    if (this.#closed) this.#failAll("the thread is closed");
  }

  #post(pending: Pending, base: Base | null): void {
    const { terminal, version, portion } = pending.job;
    const job = ++this.#number;
    this.#running.set(job, pending);
    this.#thread ??= this.#start();
    this.#thread.postMessage({ job, terminal, version, base, portion } satisfies JobRequest);
  }

  #hear(reply: JobReply): void {
    const pending = this.#running.get(reply.job);
    this.#running.delete(reply.job);
    if (pending === undefined) return;
    switch (reply.kind) {
      case "advanced":
        pending.resolve(reply.advanced);
        break;
      case "failed":
        pending.reject(new ScreenFailed(reply.message));
        break;
      case "base-wanted":
        this.#post(pending, pending.job.base);
        return;
    }
    this.#next();
  }

  #start(): Worker {
    const thread = new Worker(threadEntry(), {
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: THREAD_MEMORY_MB },
      // The emulator warns of what it is used for; nobody can do anything about it.
      stdout: true,
      stderr: true,
    });
    thread.unref();
    thread.on("message", (reply: JobReply) => this.#hear(reply));
    thread.on("error", (error) => this.#lost(thread, error.message));
    thread.on("exit", () => this.#lost(thread, "the thread ended"));
    return thread;
  }

  #lost(thread: Worker, message: string): void {
    if (this.#thread !== thread) return;
    this.#thread = null;
    const running = [...this.#running.values()];
    this.#running.clear();
    for (const { reject } of running) reject(new ScreenFailed(message));
    this.#next();
  }

  #failAll(message: string): void {
    const all = [...this.#running.values(), ...this.#waiting];
    this.#running.clear();
    this.#waiting = [];
    this.#thread = null;
    for (const { reject } of all) reject(new ScreenFailed(message));
  }
}

/**
 * The thread's file: beside the one bundle in production. From the sources, a thread needs a loader of its own, which those
 * who run TypeScript directly have installed.
 */
function threadEntry(): URL {
  const here = import.meta.url;
  if (!here.endsWith(".ts")) return new URL("./screen-thread.mjs", here);
  const loader = new URL(
    "./dist/esm/api/index.mjs",
    pathToFileURL(createRequire(here).resolve("tsx/package.json")),
  ).href;
  const file = new URL("./screen-thread.ts", here).href;
  const script = `import { register } from "${loader}"; register(); await import("${file}");`;
  return new URL(`data:text/javascript,${encodeURIComponent(script)}`);
}
