import PgBoss from "pg-boss";
import type { Logger } from "pino";
import { z } from "zod";

/** Work that waits for a worker with room. */
export const WAITING_QUEUES = ["builds", "launches"] as const;
export type WaitingQueue = (typeof WAITING_QUEUES)[number];
const EXPIRY_QUEUE = "session-expiry";

/** Connections of the queue library. */
const MAX_CONNECTIONS = 4;
/** Pause between two looks for sessions whose time is over; also the delay with which one ends at most. */
const EXPIRY_POLL_SECONDS = 1;
/** Sessions that expire in one turn. */
const EXPIRY_BATCH = 50;
/** A job that was taken and neither done nor given back is taken again after this time: its taker died. */
const TAKEN_SECONDS = 60;
/** Pause before a job that found no worker is offered again by itself; wake-ups come earlier. */
const RETRY_SECONDS = 1;
/** Offers of one job. */
const RETRY_LIMIT = 100_000;
/** Longest wait for work under way when the process ends. */
const STOP_TIMEOUT_MS = 2_000;

const jobSchema = z.object({ id: z.string() });

export interface TakenJob {
  readonly jobId: string;
  /** Id of the build or session. */
  readonly id: string;
}

/**
 * Queues in PostgreSQL (pg-boss). A job is no more than the id of a row; whoever takes it looks at the row's state first,
 * so a job too many does no harm.
 */
export interface WorkQueue {
  submit(queue: WaitingQueue, id: string): Promise<void>;
  /** The oldest job, given back ones included, which is the caller's until `done` or `giveBack`; null when there is none. */
  take(queue: WaitingQueue): Promise<TakenJob | null>;
  done(queue: WaitingQueue, job: TakenJob): Promise<void>;
  giveBack(queue: WaitingQueue, job: TakenJob): Promise<void>;
  /** Calls the expiry handler for the session at this time, milliseconds since the epoch. */
  expireAt(sessionId: string, at: number): Promise<void>;
  onExpiry(handle: (sessionId: string) => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

export async function openQueue(databaseUrl: string, log: Logger): Promise<WorkQueue> {
  const boss = new PgBoss({
    connectionString: databaseUrl,
    application_name: "slipway jobs",
    max: MAX_CONNECTIONS,
    schedule: false,
  });
  boss.on("error", (error) => log.error({ err: error }, "the job queue reports an error"));
  await boss.start();
  for (const queue of [...WAITING_QUEUES, EXPIRY_QUEUE]) {
    await boss.createQueue(queue, { name: queue, policy: "standard" });
  }
  const options = { retryLimit: RETRY_LIMIT, retryDelay: RETRY_SECONDS, expireInSeconds: TAKEN_SECONDS };
  return {
    async submit(queue, id) {
      await boss.send(queue, { id }, options);
    },
    async take(queue) {
      // Also those that were given back a moment ago: who asks knows of new room.
      const [job] = await boss.fetch(queue, { ignoreStartAfter: true });
      return job ? { jobId: job.id, id: jobSchema.parse(job.data).id } : null;
    },
    done: (queue, job) => boss.complete(queue, job.jobId),
    giveBack: (queue, job) => boss.fail(queue, job.jobId),
    async expireAt(sessionId, at) {
      await boss.send(EXPIRY_QUEUE, { id: sessionId }, { ...options, startAfter: new Date(at) });
    },
    async onExpiry(handle) {
      const settings = { pollingIntervalSeconds: EXPIRY_POLL_SECONDS, batchSize: EXPIRY_BATCH };
      await boss.work(EXPIRY_QUEUE, settings, async (jobs) => {
        for (const job of jobs) await handle(jobSchema.parse(job.data).id);
      });
    },
    stop: () => boss.stop({ graceful: true, wait: true, timeout: STOP_TIMEOUT_MS }),
  };
}
