import { SlipwayError } from "@slipway/protocol";
import type { SessionParts } from "../parts.ts";
import type { HostGround } from "../session-host.ts";
import { conflict } from "./conflict.ts";
import { type ExecOrder, ExecProcess } from "./exec-process.ts";
import type { SessionContainer } from "./session-container.ts";

/** Execs of one session that are known at the same time; the oldest that has ended goes first. */
const MOST_EXECS = 256;
/** How long one that has ended can still be asked for. */
const KNOWN_MS = 5 * 60_000;

/** Further processes in the containers of one session. */
export class ExecProcesses {
  readonly #parts: SessionParts;
  readonly #host: HostGround;
  readonly #known = new Map<string, ExecProcess>();
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(parts: SessionParts, host: HostGround) {
    this.#parts = parts;
    this.#host = host;
  }

  /** @throws container-conflict where the container does not run, container-limit */
  create(container: SessionContainer, order: ExecOrder): ExecProcess {
    if (container.running === null) throw conflict(`Container ${container.id} is not running`);
    this.#makeRoom();
    const exec = new ExecProcess(this.#parts, this.#host, container, order);
    this.#known.set(exec.id, exec);
    container.event("exec_create", { execID: exec.id });
    return exec;
  }

  find(id: string): ExecProcess {
    const exec = this.#known.get(id) ?? [...this.#known.values()].find((known) => known.id.startsWith(id));
    if (exec && id !== "") return exec;
    throw new SlipwayError("container-missing", `No such exec instance: ${id.slice(0, 128)}`);
  }

  of(container: SessionContainer): string[] {
    return [...this.#known.values()]
      .filter((exec) => exec.container === container && exec.isRunning)
      .map(({ id }) => id);
  }

  /** Some time after its end it is forgotten. */
  forgetLater(exec: ExecProcess): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      void this.#forget(exec);
    }, KNOWN_MS);
    timer.unref();
    this.#timers.add(timer);
  }

  /** Forgets all; the session ends, or is let go of. */
  async forgetAll(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    await Promise.allSettled([...this.#known.values()].map((exec) => this.#forget(exec)));
  }

  #makeRoom(): void {
    if (this.#known.size < MOST_EXECS) return;
    const over = [...this.#known.values()].find((exec) => !exec.isRunning);
    if (over === undefined) {
      throw new SlipwayError(
        "container-limit",
        `A session has ${MOST_EXECS} execs at the same time at most.`,
      );
    }
    void this.#forget(over);
  }

  async #forget(exec: ExecProcess): Promise<void> {
    this.#known.delete(exec.id);
    await exec.forget();
  }
}
