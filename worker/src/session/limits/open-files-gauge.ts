import type { Gauge } from "./gauge.ts";
import type { Reached } from "./limit-book.ts";
import type { WatchedSession } from "./limits.ts";
import { processName, type SessionProcess, type SessionProcesses } from "./session-processes.ts";

/** Processes that have as many files open as each may. One that stays so is not told again. */
export class OpenFilesGauge implements Gauge {
  readonly #session: WatchedSession;
  readonly #processes: SessionProcesses;
  #full = new Set<number>();

  constructor(session: WatchedSession, processes: SessionProcesses) {
    this.#session = session;
    this.#processes = processes;
  }

  look(): readonly Reached[] {
    const { openFiles } = this.#session.limits;
    const full = this.#processes.look().filter((process) => process.openFiles >= openFiles);
    const before = this.#full;
    this.#full = new Set(full.map(({ hostPid }) => hostPid));
    return full.filter(({ hostPid }) => !before.has(hostPid)).map((process) => this.#reached(process));
  }

  #reached({ hostPid, pid, openFiles }: SessionProcess): Reached {
    return {
      limit: "open-files",
      metric: { name: "open-files.used", value: openFiles, unit: "files" },
      allowed: this.#session.limits.openFiles,
      process: { name: processName(hostPid), pid, memoryBytes: null, killed: false },
      times: 1,
    };
  }
}
