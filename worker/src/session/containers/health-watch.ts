import { Attachment } from "./attachment.ts";
import type { HealthCheck } from "./container-order.ts";
import type { ExecProcesses } from "./exec-processes.ts";
import type { SessionContainer } from "./session-container.ts";

/** What is kept of one probe's output, bytes, and of how many probes. */
const OUTPUT_BYTES = 4096;
const MOST_PROBES = 5;

export interface Probe {
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly exitCode: number;
  readonly output: string;
}

export interface Health {
  readonly status: "starting" | "healthy" | "unhealthy";
  readonly failingStreak: number;
  readonly log: readonly Probe[];
}

export const STARTING: Health = { status: "starting", failingStreak: 0, log: [] };

/** Asks a container again and again whether it is well, for as long as it runs. */
export class HealthWatch {
  readonly #container: SessionContainer;
  readonly #check: HealthCheck;
  readonly #execs: ExecProcesses;
  readonly #changed: (health: Health) => void;
  readonly #startedAt = Date.now();
  #health: Health = STARTING;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(
    container: SessionContainer,
    check: HealthCheck,
    execs: ExecProcesses,
    changed: (health: Health) => void,
  ) {
    this.#container = container;
    this.#check = check;
    this.#execs = execs;
    this.#changed = changed;
    this.#next();
  }

  stop(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  #next(): void {
    if (this.#isOver) return;
    this.#timer = setTimeout(() => void this.#round(), this.#check.intervalMs);
  }

  async #round(): Promise<void> {
    // What stands still is not asked.
    const probe = this.#container.state.status === "running" ? await this.#probe() : null;
    if (this.#isOver) return;
    if (probe !== null) this.#judge(probe);
    this.#next();
  }

  #judge(probe: Probe): void {
    const { retries, startPeriodMs } = this.#check;
    const { status, failingStreak, log } = this.#health;
    const isStarting = status === "starting" && probe.startedAt - this.#startedAt < startPeriodMs;
    const streak = probe.exitCode === 0 ? 0 : isStarting ? failingStreak : failingStreak + 1;
    const judged = probe.exitCode === 0 ? "healthy" : streak >= retries ? "unhealthy" : status;
    this.#health = { status: judged, failingStreak: streak, log: [...log, probe].slice(-MOST_PROBES) };
    this.#changed(this.#health);
    if (judged !== status) this.#container.event(`health_status: ${judged}`);
  }

  async #probe(): Promise<Probe> {
    const [kind, ...rest] = this.#check.test;
    const args = kind === "CMD-SHELL" ? ["/bin/sh", "-c", rest.join(" ")] : rest;
    const startedAt = Date.now();
    let output = "";
    const ended = (exitCode: number) => ({ startedAt, endedAt: Date.now(), exitCode, output });
    try {
      const exec = this.#execs.create(this.#container, {
        args,
        env: [],
        workingDirectory: null,
        user: "",
        tty: false,
        stdin: false,
        asked: {},
      });
      let timer: NodeJS.Timeout | undefined;
      const over = new Promise<number | null>((resolve) => {
        timer = setTimeout(() => resolve(null), this.#check.timeoutMs);
        const attachment = new Attachment({
          output: (_stream, data) => {
            output = (output + data.toString("utf8")).slice(0, OUTPUT_BYTES);
            return true;
          },
          ended: (exitCode) => resolve(exitCode ?? 1),
        });
        exec.start(attachment, { rows: 24, cols: 80 }).catch((error: unknown) => {
          output = error instanceof Error ? error.message.slice(0, OUTPUT_BYTES) : "";
          resolve(1);
        });
      });
      const exitCode = await over;
      clearTimeout(timer);
      if (exitCode === null) {
        if (exec.pid !== null) killQuietly(exec.pid);
        output = `Health check exceeded timeout (${this.#check.timeoutMs}ms)`;
      }
      this.#execs.forgetLater(exec);
      return ended(exitCode ?? -1);
    } catch (error) {
      output = error instanceof Error ? error.message.slice(0, OUTPUT_BYTES) : "";
      return ended(1);
    }
  }
}

/** The keeper has not waited for it yet, so its id is nobody else's. */
function killQuietly(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended in this very moment.
  }
}
