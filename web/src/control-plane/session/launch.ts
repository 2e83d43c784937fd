import {
  imageSummarySchema,
  type SessionId,
  SlipwayError,
  sessionEndSchema,
  sessionIdSchema,
  sessionLimitsSchema,
  sessionStateSchema,
} from "@slipway/protocol";
import { z } from "zod";
import type { Database, Session } from "../db/database.ts";
import { decode, encode } from "../db/documents.ts";
import { newCommandId, newSessionId, newTerminalId } from "../ids.ts";
import type { Lane } from "./lane.ts";
import { checkQueueRoom } from "./launch-queue.ts";
import type { LaunchOrder, OpenedStep } from "./session.ts";
import { endBecause } from "./session-log.ts";
import type { SessionPolicy } from "./session-policy.ts";

/** Where a session goes at once. */
export interface Place {
  readonly workerId: string;
  readonly runtime: { readonly name: string; readonly hardened: boolean };
}

/** The worker that takes a session of this image, given how many each holds; null: it has to wait. */
export type FindPlace = (preferred: string | null, load: ReadonlyMap<string, number>) => Place | null;

export interface WrittenLaunch {
  readonly row: Session;
  /** False when the row answered the order already. */
  readonly created: boolean;
  /** Sessions of the playground that had to go for it. */
  readonly replaced: readonly SessionId[];
}

const factsSchema = z.object({
  build: z.object({ id: z.string(), image: z.string(), workerId: z.string().nullable() }).nullable(),
  saved: z.object({ buildId: z.string(), image: z.string(), workerId: z.string() }).nullable(),
  living: z.array(
    z.object({
      id: sessionIdSchema,
      playgroundId: z.string(),
      image: z.string(),
      start: z.string(),
      state: sessionStateSchema,
    }),
  ),
  load: z.record(z.string(), z.number()),
  /** How many wait for each worker; "" for those that may go to any. */
  queued: z.record(z.string(), z.number()),
});
type Facts = z.infer<typeof factsSchema>;

export interface LaunchBookOptions {
  readonly database: Database;
  readonly policy: SessionPolicy;
  readonly findPlace: FindPlace;
  /** Whoever gives a session to a worker goes through it, so that two don't take the same last place. */
  readonly lane: Lane;
}

const MINUTE_MS = 60_000;
/** Another process wrote the same launch at the same moment, so often in a row. */
const COLLISIONS = 3;

/**
 * Writes launches down, in two statements: one that reads all that the decision needs, one that writes the session, its worker
 * and the id of its command. One launch at a time here; an index of the table lets other processes make no second session of the
 * same image.
 */
export class LaunchBook {
  readonly #database: Database;
  readonly #policy: SessionPolicy;
  readonly #findPlace: FindPlace;
  readonly #lane: Lane;

  constructor(options: LaunchBookOptions) {
    this.#database = options.database;
    this.#policy = options.policy;
    this.#findPlace = options.findPlace;
    this.#lane = options.lane;
  }

  /** `opened`: what the order's step came to. @throws image-missing, session-limit, worker-full */
  write(ownerId: string, order: LaunchOrder, opened: OpenedStep | null): Promise<WrittenLaunch> {
    return this.#lane.run(() => this.#write(ownerId, order, opened));
  }

  async #write(ownerId: string, order: LaunchOrder, opened: OpenedStep | null): Promise<WrittenLaunch> {
    for (let collisions = 0; ; collisions += 1) {
      const facts = await this.#facts(ownerId, order);
      const wanted = wantedImage(facts, order, opened);
      const here = facts.living.filter((session) => session.playgroundId === order.playgroundId);
      const same = here.find(
        ({ image, start, state }) => image === wanted.digest && start === order.start && state !== "stopping",
      );
      if (same) {
        const row = await this.#database.session.findUnique({ where: { id: same.id } });
        if (row && row.state !== "ended") return { row, created: false, replaced: [] };
      }
      if (facts.living.length - here.length >= order.quota.sessions) {
        throw new SlipwayError("session-limit", "You hold as many sessions as one person may.", {
          params: { limit: order.quota.sessions },
        });
      }
      const replaced = here.filter(({ state, id }) => state !== "stopping" && id !== same?.id);
      // Who comes later takes no place that others wait for.
      const isLine = (facts.queued[wanted.workerId ?? ""] ?? 0) > 0;
      const place = isLine ? null : this.#findPlace(wanted.workerId, new Map(Object.entries(facts.load)));
      if (place === null)
        checkQueueRoom(Object.values(facts.queued).reduce((sum, number) => sum + number, 0));
      try {
        const row = await this.#insert(order, wanted, place, replaced);
        return { row, created: true, replaced: replaced.map(({ id }) => id) };
      } catch (error) {
        if (!isCollision(error) || collisions >= COLLISIONS) throw error;
      }
    }
  }

  async #facts(ownerId: string, { playgroundId, savedImageId }: LaunchOrder): Promise<Facts> {
    const [row] = await this.#database.$queryRaw<unknown[]>`
      SELECT
        (SELECT json_build_object('id', id, 'image', image, 'workerId', worker_id) FROM builds
          WHERE playground_id = ${playgroundId} AND state = 'succeeded' AND image IS NOT NULL
          ORDER BY created_at DESC LIMIT 1) AS build,
        (SELECT json_build_object('buildId', build_id, 'image', image, 'workerId', worker_id) FROM saved_images
          WHERE id = ${savedImageId} AND playground_id = ${playgroundId} AND image IS NOT NULL) AS saved,
        (SELECT coalesce(json_agg(json_build_object('id', s.id, 'playgroundId', s.playground_id, 'image', s.image,
            'start', s.start, 'state', s.state) ORDER BY s.created_at DESC), '[]'::json)
          FROM playgrounds p JOIN sessions s ON s.playground_id = p.id
          WHERE p.owner_id = ${ownerId} AND s.state <> 'ended') AS living,
        (SELECT coalesce(json_object_agg(worker_id, number), '{}'::json) FROM
          (SELECT worker_id, count(*)::int AS number FROM sessions
            WHERE state IN ('starting', 'running', 'stopping') AND worker_id IS NOT NULL GROUP BY worker_id) held
        ) AS load,
        (SELECT coalesce(json_object_agg(worker, number), '{}'::json) FROM
          (SELECT coalesce(v.worker_id, b.worker_id, '') AS worker, count(*)::int AS number
            FROM sessions s JOIN builds b ON b.id = s.build_id LEFT JOIN saved_images v ON v.id = s.saved_image_id
            WHERE s.state = 'queued' GROUP BY 1) waiting
        ) AS queued`;
    return factsSchema.parse(row);
  }

  async #insert(
    order: LaunchOrder,
    wanted: WantedImage,
    place: Place | null,
    replaced: Facts["living"],
  ): Promise<Session> {
    const { egress } = this.#policy;
    const { memoryBytes, cpus, diskBytes, minutes } = order.quota;
    const limits = { ...this.#policy.limits, memoryBytes, cpus, diskBytes };
    const create = this.#database.session.create({
      data: {
        id: newSessionId(),
        playgroundId: order.playgroundId,
        buildId: wanted.buildId,
        savedImageId: order.savedImageId,
        step: order.step?.step ?? null,
        stepSide: order.step?.side ?? null,
        start: order.start,
        expiresAt: new Date(Date.now() + minutes * MINUTE_MS),
        image: wanted.digest,
        limits: encode(sessionLimitsSchema, limits),
        egress,
        rows: order.size.rows,
        cols: order.size.cols,
        mainTerminalId: newTerminalId(),
        shellTerminalId: newTerminalId(),
        expectsShell: order.start === "command" && !isInteractiveShell(wanted.command),
        ...(place && {
          state: "starting",
          workerId: place.workerId,
          runtimeName: place.runtime.name,
          runtimeHardened: place.runtime.hardened,
          launchCommandId: newCommandId(),
        }),
      },
    });
    if (replaced.length === 0) return create;
    const ids = replaced.map(({ id }) => id);
    const stops = replaced.map(() => newCommandId());
    const end = encode(sessionEndSchema, endBecause("stopped-by-owner"));
    const [, row] = await this.#database.$transaction([
      this.#database.$executeRaw`
        UPDATE sessions AS s SET
          state = (CASE WHEN s.state = 'queued' THEN 'ended' ELSE 'stopping' END)::session_state,
          stop_command_id = stop.command,
          ended_at = CASE WHEN s.state = 'queued' THEN now() END,
          "end" = CASE WHEN s.state = 'queued' THEN ${end} END
        FROM unnest(${ids}::text[], ${stops}::text[]) AS stop(id, command)
        WHERE s.id = stop.id AND s.state IN ('queued', 'starting', 'running')`,
      create,
    ]);
    return row;
  }
}

interface WantedImage {
  readonly digest: string;
  readonly buildId: string;
  /** The worker that has it, where that is known. */
  readonly workerId: string | null;
  /** What it starts. */
  readonly command: readonly string[];
}

/** Beside a main process that is a shell already there is no other. The worker decides; this is for what is shown before. */
function isInteractiveShell([program = "", ...flags]: readonly string[]): boolean {
  return (
    /(^|\/)(ba|a|da|z)?sh$/.test(program) &&
    flags.every((flag) => /^(-[il]+|--(login|noprofile|norc|posix))$/.test(flag))
  );
}

/** @throws image-missing */
function wantedImage(
  { build, saved }: Facts,
  { savedImageId, step }: LaunchOrder,
  opened: OpenedStep | null,
): WantedImage {
  if (step !== null && opened !== null)
    return {
      digest: opened.image.digest,
      command: ["/bin/sh"],
      buildId: step.buildId,
      workerId: opened.workerId,
    };
  const shown = (text: string) => {
    const { digest, entrypoint, cmd } = decode(imageSummarySchema, text);
    return { digest, command: [...(entrypoint ?? []), ...(cmd ?? [])] };
  };
  if (savedImageId !== null) {
    if (saved) return { ...shown(saved.image), buildId: saved.buildId, workerId: saved.workerId };
    throw new SlipwayError("image-missing", "There is no such saved image.");
  }
  if (build) return { ...shown(build.image), buildId: build.id, workerId: build.workerId };
  throw new SlipwayError("image-missing", "There is no successful build to launch yet.");
}

/** A unique index said no (Prisma's P2002). */
const isCollision = (error: unknown): boolean =>
  typeof error === "object" && error !== null && "code" in error && error.code === "P2002";
