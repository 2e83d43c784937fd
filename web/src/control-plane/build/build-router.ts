import type { NumberedBuildEvent } from "@slipway/protocol";
import { type TrackedEnvelope, tracked } from "@trpc/server";
import { z } from "zod";
import { buildProcedure, inPlaygroundProcedure, router } from "../trpc.ts";
import { buildOptionsSchema } from "./build-options.ts";

const eventsInputSchema = z.object({
  /** Number of the last event that the client has, null for none. */
  after: z.number().int().nonnegative().nullable(),
  /** Set by tRPC's client when it reconnects: the id of the last event that arrived. */
  lastEventId: z
    .string()
    .regex(/^\d{1,9}$/)
    .nullish(),
});

export const buildRouter = router({
  start: inPlaygroundProcedure
    .meta({ rate: "build" })
    .input(buildOptionsSchema)
    .mutation(({ ctx, input }) =>
      ctx.services.quotas.admitBuild(ctx.person, () => ctx.services.builds.start(ctx.playgroundId, input)),
    ),

  cancel: buildProcedure
    .meta({ rate: "write" })
    .mutation(({ ctx }) => ctx.services.builds.cancel(ctx.buildId)),

  list: inPlaygroundProcedure
    .input(z.object({ before: z.string().max(64).nullable() }))
    .query(({ ctx, input }) => ctx.services.builds.list(ctx.playgroundId, input.before)),

  outline: buildProcedure.query(({ ctx }) => ctx.services.builds.outline(ctx.buildId)),

  get: buildProcedure.query(({ ctx }) => ctx.services.builds.get(ctx.buildId)),

  /**
   * The build's events after `after`, each once and in order: stored ones first, then live. Ends after the final event.
   * An event's id is its sequence number.
   */
  events: buildProcedure.input(eventsInputSchema).subscription(async function* ({
    ctx,
    input,
    signal,
  }): AsyncGenerator<TrackedEnvelope<NumberedBuildEvent>, void> {
    const last = input.lastEventId == null ? input.after : Number(input.lastEventId);
    const from = last === null ? 0 : last + 1;
    for await (const event of ctx.services.builds.events(
      ctx.buildId,
      from,
      signal ?? new AbortController().signal,
    )) {
      yield tracked(String(event.sequence), event);
    }
  }),
});
