import {
  type BuildEvent,
  type BuildId,
  type BuildState,
  buildEventSchema,
  imageSummarySchema,
  isFinal,
  type NumberedBuildEvent,
  SlipwayError,
  type WireError,
  wireErrorSchema,
} from "@slipway/protocol";
import type { Database, Transaction } from "../db/database.ts";
import { decode, encode } from "../db/documents.ts";
import type { Signals } from "../signals.ts";
import { forgetContext } from "./build-context.ts";
import { forgetSecrets } from "./build-secrets.ts";
import { buildStatesBefore, isBuildOver } from "./build-state.ts";

/** Most events of one build. */
export const MAX_BUILD_EVENTS = 100_000;
/** Most characters of one build's events, as JSON. */
export const MAX_BUILD_EVENT_LENGTH = 32 * 1024 * 1024;
/** Most events of an outline: a plan and three for each of the most instructions, and warnings. */
const MAX_OUTLINE_EVENTS = 40_000;
/** Events that one read of the database brings. */
const READ_BATCH = 500;

/** What became of a batch: stored, or not wanted because the build is over or belongs to another worker. */
export type AppendOutcome = "stored" | "unwanted" | "too-large";

interface LockedBuild {
  readonly state: BuildState;
  readonly worker_id: string | null;
  readonly next_sequence: number;
  readonly event_length: number;
}

const lock = async (transaction: Transaction, id: BuildId): Promise<LockedBuild | null> => {
  const rows = await transaction.$queryRaw<LockedBuild[]>`
    SELECT state::text AS state, worker_id, next_sequence, event_length FROM builds WHERE id = ${id} FOR UPDATE`;
  return rows[0] ?? null;
};

/**
 * The numbered events of builds. Numbers of one build are without gaps; the final event and the final state of the build
 * are written in one transaction, so a reader who has seen the final event sees the final state.
 */
export class BuildEventLog {
  readonly #database: Database;
  readonly #signals: Signals;

  constructor(database: Database, signals: Signals) {
    this.#database = database;
    this.#signals = signals;
  }

  /** Takes what a worker reports; events that are stored already are left out. @throws request-invalid on a gap */
  async append(id: BuildId, workerId: string, batch: readonly NumberedBuildEvent[]): Promise<AppendOutcome> {
    const outcome = (await this.#appendNext(id, workerId, batch))
      ? "stored"
      : await this.#appendFrom(id, workerId, batch);
    if (outcome !== "unwanted") this.#signals.notify(id);
    return outcome;
  }

  /**
   * The usual batch, in one statement: it follows what is stored, fits, and does not end the build. Answers false, with nothing
   * changed, for any other. With a build's first events its secrets go, because it is never given to another worker now.
   */
  async #appendNext(id: BuildId, workerId: string, batch: readonly NumberedBuildEvent[]): Promise<boolean> {
    const first = batch[0]?.sequence ?? 0;
    if (batch.some(({ sequence, event }, index) => sequence !== first + index || isFinal(event)))
      return false;
    const events = batch.map(({ event }) => encode(buildEventSchema, event));
    const length = events.reduce((sum, event) => sum + event.length, 0);
    const moved = await this.#database.$executeRaw`
      WITH moved AS (
        UPDATE builds SET next_sequence = next_sequence + ${events.length}::int, event_length = event_length + ${length}::int
        WHERE id = ${id} AND worker_id = ${workerId} AND state = 'building' AND next_sequence = ${first}::int
          AND next_sequence + ${events.length}::int < ${MAX_BUILD_EVENTS}::int
          AND event_length + ${length}::int <= ${MAX_BUILD_EVENT_LENGTH}::int
        RETURNING id
      ), forgotten AS (
        DELETE FROM build_secrets WHERE ${first}::int = 0 AND build_id IN (SELECT id FROM moved)
      )
      INSERT INTO build_events (build_id, sequence, event)
      SELECT moved.id, ${first}::int + place - 1, text
      FROM moved, unnest(${events}::text[]) WITH ORDINALITY AS added (text, place)`;
    return moved > 0;
  }

  /** Any batch: it may repeat what is stored, leave a gap, be too much, or end the build. */
  #appendFrom(id: BuildId, workerId: string, batch: readonly NumberedBuildEvent[]): Promise<AppendOutcome> {
    return this.#database.$transaction(async (transaction): Promise<AppendOutcome> => {
      const build = await lock(transaction, id);
      if (build?.state !== "building" || build.worker_id !== workerId) return "unwanted";
      const fresh = batch.filter(({ sequence }) => sequence >= build.next_sequence);
      if (fresh.length === 0) return "stored";
      assertContiguous(fresh, build.next_sequence);
      const end = fresh.findIndex(({ event }) => isFinal(event));
      const events = end === -1 ? fresh : fresh.slice(0, end + 1);
      const last = events.at(-1)?.event;
      if (isTooLarge(build, events)) {
        await this.#finish(transaction, id, build, tooLarge());
        return "too-large";
      }
      await this.#store(transaction, id, build, events);
      if (build.next_sequence === 0) await forgetSecrets(transaction, id);
      if (last && isFinal(last)) await this.#conclude(transaction, id, last);
      return "stored";
    });
  }

  /**
   * Ends a build from here: appends a `failed` event of our own. Answers false when the build was over already.
   * `onlyWorker`: only while that worker has it.
   */
  async close(id: BuildId, error: WireError, onlyWorker?: string): Promise<boolean> {
    const closed = await this.#database.$transaction(async (transaction) => {
      const build = await lock(transaction, id);
      if (!build || isBuildOver(build.state)) return false;
      if (onlyWorker !== undefined && build.worker_id !== onlyWorker) return false;
      await this.#finish(transaction, id, build, error);
      return true;
    });
    if (closed) this.#signals.notify(id);
    return closed;
  }

  /** Events from number `from` on: stored ones, then live ones; ends after the final event. */
  async *read(id: BuildId, from: number, signal: AbortSignal): AsyncGenerator<NumberedBuildEvent, void> {
    let next = from;
    for await (const _ of this.#signals.watch(id, signal)) {
      const before = next;
      for (;;) {
        const rows = await this.#database.buildEvent.findMany({
          where: { buildId: id, sequence: { gte: next } },
          orderBy: { sequence: "asc" },
          take: READ_BATCH,
        });
        for (const row of rows) {
          const event = decode(buildEventSchema, row.event);
          next = row.sequence + 1;
          yield { sequence: row.sequence, event };
          if (isFinal(event)) return;
        }
        if (rows.length < READ_BATCH) break;
      }
      if (next === before && (await this.#isReadToTheEnd(id, next))) return;
    }
  }

  /** The stored events that are neither output nor progress of a pull. */
  async outline(id: BuildId): Promise<NumberedBuildEvent[]> {
    // The type of an event is the first that is written of it.
    const rows = await this.#database.$queryRaw<{ sequence: number; event: string }[]>`
      SELECT sequence, event FROM build_events
      WHERE build_id = ${id} AND event NOT LIKE '{"type":"log",%' AND event NOT LIKE '{"type":"pull",%'
      ORDER BY sequence LIMIT ${MAX_OUTLINE_EVENTS}::int`;
    return rows.map(({ sequence, event }) => ({ sequence, event: decode(buildEventSchema, event) }));
  }

  /** Someone who asks for events after the final one, or of a build that is gone, is at the end. */
  async #isReadToTheEnd(id: BuildId, next: number): Promise<boolean> {
    const build = await this.#database.build.findUnique({ where: { id } });
    return !build || (isBuildOver(build.state) && next >= build.nextSequence);
  }

  async #finish(transaction: Transaction, id: BuildId, build: LockedBuild, error: WireError): Promise<void> {
    const event: BuildEvent = {
      type: "failed",
      error,
      step: null,
      exitCode: null,
      range: null,
      lastLines: [],
    };
    await this.#store(transaction, id, build, [{ sequence: build.next_sequence, event }]);
    await this.#conclude(transaction, id, event);
  }

  async #store(
    transaction: Transaction,
    id: BuildId,
    build: LockedBuild,
    events: readonly NumberedBuildEvent[],
  ): Promise<void> {
    const data = events.map(({ sequence, event }) => ({
      buildId: id,
      sequence,
      event: encode(buildEventSchema, event),
    }));
    await transaction.buildEvent.createMany({ data });
    const eventLength = data.reduce((sum, row) => sum + row.event.length, build.event_length);
    await transaction.build.update({
      where: { id },
      data: { nextSequence: build.next_sequence + data.length, eventLength },
    });
  }

  async #conclude(transaction: Transaction, id: BuildId, event: BuildEvent): Promise<void> {
    const finishedAt = new Date();
    const state = finalStateOf(event);
    const where = { id, state: { in: buildStatesBefore(state) } };
    const image = event.type === "image" ? encode(imageSummarySchema, event.image) : null;
    const error = event.type === "failed" ? encode(wireErrorSchema, event.error) : null;
    await transaction.build.updateMany({ where, data: { state, finishedAt, image, error } });
    await forgetContext(transaction, id);
    await forgetSecrets(transaction, id);
  }
}

function finalStateOf(event: BuildEvent): "succeeded" | "failed" | "cancelled" {
  if (event.type === "image") return "succeeded";
  return event.type === "failed" && event.error.code === "build-cancelled" ? "cancelled" : "failed";
}

function assertContiguous(events: readonly NumberedBuildEvent[], next: number): void {
  for (const [index, { sequence }] of events.entries()) {
    if (sequence === next + index) continue;
    throw new SlipwayError("request-invalid", `Build event ${next + index} is missing before ${sequence}.`);
  }
}

function isTooLarge(build: LockedBuild, events: readonly NumberedBuildEvent[]): boolean {
  const length = events.reduce((sum, { event }) => sum + JSON.stringify(event).length, build.event_length);
  return build.next_sequence + events.length >= MAX_BUILD_EVENTS || length > MAX_BUILD_EVENT_LENGTH;
}

const tooLarge = (): WireError =>
  new SlipwayError("build-log-too-large", "The build printed more than is kept of one build.", {
    params: { limit: MAX_BUILD_EVENT_LENGTH },
  }).toWire();
