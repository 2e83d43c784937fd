import type { Logger } from "pino";
import { type TakenJob, WAITING_QUEUES, type WaitingQueue, type WorkQueue } from "../jobs/queue.ts";

/** Pause between two looks at the queues without a wake-up. */
const SWEEP_MS = 2_000;

/** Waiting jobs of one queue that one turn looks at, where none of them finds room. */
const MAX_LOOKED_AT = 100;

/**
 * `placed`: with a worker, or not wanted any more; `no-room`: has to wait, what comes after it may find room; `all-full`: has
 * to wait, and so has all that comes after it.
 */
export type DispatchOutcome = "placed" | "no-room" | "all-full";

export type Dispatch = (id: string) => Promise<DispatchOutcome>;

/**
 * Takes waiting work to workers, oldest first, whenever it is woken: by new work, by a worker that joins, by work that
 * ends. One turn at a time; a wake-up during a turn makes one more.
 */
export class Dispatcher {
  readonly #queue: WorkQueue;
  readonly #dispatch: Readonly<Record<WaitingQueue, Dispatch>>;
  readonly #log: Logger;
  #turn: Promise<void> | null = null;
  #again = false;
  #sweep: NodeJS.Timeout | null = null;

  constructor(queue: WorkQueue, dispatch: Readonly<Record<WaitingQueue, Dispatch>>, log: Logger) {
    this.#queue = queue;
    this.#dispatch = dispatch;
    this.#log = log;
  }

  start(): void {
    this.#sweep = setInterval(() => this.wake(), SWEEP_MS);
    this.wake();
  }

  wake(): void {
    this.#again = true;
    this.#turn ??= this.#run().finally(() => {
      this.#turn = null;
      if (this.#again && this.#sweep) this.wake();
    });
  }

  async stop(): Promise<void> {
    if (this.#sweep) clearInterval(this.#sweep);
    this.#sweep = null;
    this.#again = false;
    await this.#turn;
  }

  async #run(): Promise<void> {
    while (this.#again && this.#sweep) {
      this.#again = false;
      for (const queue of WAITING_QUEUES) {
        await this.#drain(queue).catch((error: unknown) => {
          this.#log.error({ err: error, queue }, "waiting work could not be placed");
        });
      }
    }
  }

  async #drain(queue: WaitingQueue): Promise<void> {
    const waiting: TakenJob[] = [];
    try {
      while (this.#sweep && waiting.length < MAX_LOOKED_AT) {
        const job = await this.#queue.take(queue);
        if (!job) break;
        waiting.push(job);
        const outcome = await this.#dispatch[queue](job.id);
        if (outcome === "all-full") break;
        if (outcome === "no-room") continue;
        waiting.pop();
        await this.#queue.done(queue, job);
      }
    } finally {
      for (const job of waiting) await this.#queue.giveBack(queue, job);
    }
  }
}
