import { randomBytes } from "node:crypto";
import { SlipwayError } from "@slipway/protocol";
import type { KeptProcess } from "../../keeper/keeper.ts";
import type { ProcessSpec } from "../../runtime/runtime.ts";
import { resolveUser } from "../../runtime/user.ts";
import type { SessionParts } from "../parts.ts";
import type { HostGround } from "../session-host.ts";
import type { Attachment } from "./attachment.ts";
import { conflict } from "./conflict.ts";
import { execKeeperId } from "./container-ids.ts";
import { withHome } from "./container-start.ts";
import type { SessionContainer } from "./session-container.ts";

/** Exit codes of what could not be started, as shells have them. */
const NOT_FOUND = 127;
const NOT_EXECUTABLE = 126;

/** What is to be run in a container that runs. */
export interface ExecOrder {
  readonly args: readonly string[];
  /** Over those of the container. */
  readonly env: readonly string[];
  readonly workingDirectory: string | null;
  /** Empty: the container's. */
  readonly user: string;
  readonly tty: boolean;
  readonly stdin: boolean;
  /** The client's own words. */
  readonly asked: Readonly<Record<string, unknown>>;
}

/** One more process in a container. It is known until some time after its end, and no longer than this worker process. */
export class ExecProcess {
  readonly id = randomBytes(32).toString("hex");
  readonly container: SessionContainer;
  readonly order: ExecOrder;
  readonly #parts: SessionParts;
  readonly #host: HostGround;
  #process: KeptProcess | null = null;
  #exitCode: number | null = null;
  #hasStarted = false;

  constructor(parts: SessionParts, host: HostGround, container: SessionContainer, order: ExecOrder) {
    this.#parts = parts;
    this.#host = host;
    this.container = container;
    this.order = order;
  }

  get exitCode(): number | null {
    return this.#exitCode;
  }
  get isRunning(): boolean {
    return this.#process !== null && this.#exitCode === null;
  }
  get hasStarted(): boolean {
    return this.#hasStarted;
  }
  get pid(): number | null {
    return this.#process?.pid ?? null;
  }

  /** Starts it, with somebody at its streams or nobody. Rejects with `command-not-found` and as `kill` does. */
  async start(attachment: Attachment | null, size: { rows: number; cols: number }): Promise<void> {
    if (this.#hasStarted) throw conflict(`exec ${this.id} has already run`);
    const { running, state, id } = this.container;
    if (running === null) throw conflict(`Container ${id} is not running`);
    if (state.status === "paused")
      throw conflict(`Container ${id} is paused, unpause the container before exec`);
    this.#hasStarted = true;
    const { order } = this;
    try {
      const spec = await this.#spec(running.spec, running.container.rootfs);
      const uid = this.#host.ids.firstHostId + spec.user.uid;
      const kept = await this.#parts.keepers.start(execKeeperId(this.id), {
        command: (files) => running.container.keptExecCommand(spec, files),
        tty: order.tty,
        stdin: order.stdin,
        size,
        owner: { uid, gid: this.#host.ids.firstHostId + spec.user.gid },
        log: null,
        awaited: attachment === null ? 0 : 1,
      });
      this.#process = kept;
      void kept.ended.then((exit) => this.#over(exit?.exitCode ?? null));
      await attachment?.begin(kept);
    } catch (thrown) {
      const error = SlipwayError.from(thrown);
      this.#exitCode = error.code === "command-not-found" ? NOT_FOUND : NOT_EXECUTABLE;
      throw error;
    }
  }

  resize(size: { rows: number; cols: number }): void {
    this.#process?.resize(size);
  }

  /** Resolves when its end is known. */
  async ended(): Promise<void> {
    await this.#process?.ended;
  }

  #over(exitCode: number | null): void {
    this.#exitCode = exitCode ?? 137;
    this.container.event("exec_die", { execID: this.id, exitCode: String(this.#exitCode) });
  }

  /** Takes away what its keeper wrote. */
  async forget(): Promise<void> {
    await this.#parts.keepers.remove(execKeeperId(this.id));
  }

  async #spec(main: ProcessSpec, rootfs: string): Promise<ProcessSpec> {
    const { args, env, workingDirectory, user, tty } = this.order;
    const { order } = this.container.record;
    const resolved = await resolveUser([rootfs], user === "" ? order.user : user, order.groups);
    const values = new Map<string, string>();
    const ofMain = main.env.filter((entry) => !entry.startsWith("HOME=") && !entry.startsWith("TERM="));
    const term = tty ? ["TERM=xterm"] : [];
    for (const entry of [...term, ...ofMain, ...env]) {
      const equals = entry.indexOf("=");
      if (equals > 0) values.set(entry.slice(0, equals), entry);
    }
    return {
      args,
      env: withHome([...values.values()], resolved.home),
      cwd: workingDirectory || main.cwd,
      user: resolved,
    };
  }
}
