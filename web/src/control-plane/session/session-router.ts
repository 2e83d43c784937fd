import {
  hostContainerIdSchema,
  stepSideSchema,
  terminalIdSchema,
  terminalSizeSchema,
} from "@slipway/protocol";
import { z } from "zod";
import { inPlaygroundProcedure, router, sessionProcedure } from "../trpc.ts";
import type { SessionView } from "./session.ts";

/** Whose build it is, the launch itself finds out. */
const stepOrderSchema = z.object({
  buildId: z.string().max(64),
  step: z.number().int().min(0).max(100_000),
  side: stepSideSchema,
});

const NEVER = new AbortController().signal;

export const sessionRouter = router({
  launch: inPlaygroundProcedure
    .meta({ rate: "launch" })
    .input(
      z.object({
        start: z.enum(["command", "shell"]),
        size: terminalSizeSchema,
        savedImageId: z.string().max(64).optional(),
        /** A terminal into a build: on the files as they were at one of its steps. */
        step: stepOrderSchema.optional(),
      }),
    )
    .mutation(async ({ ctx, input }) =>
      ctx.services.sessions.launch(ctx.person.id, {
        playgroundId: ctx.playgroundId,
        start: input.start,
        size: input.size,
        quota: await ctx.services.quotas.of(ctx.person.role),
        savedImageId: input.savedImageId ?? null,
        step: input.step ?? null,
      }),
    ),

  stop: sessionProcedure
    .meta({ rate: "write" })
    .mutation(({ ctx }) => ctx.services.sessions.stop(ctx.sessionId)),

  extend: sessionProcedure
    .meta({ rate: "write" })
    .mutation(({ ctx }) => ctx.services.sessions.extend(ctx.sessionId)),

  /** Everything in it stands still, or goes on. */
  pause: sessionProcedure
    .meta({ rate: "write" })
    .input(z.object({ paused: z.boolean() }))
    .mutation(({ ctx, input }) => ctx.services.sessions.pause(ctx.sessionId, input.paused)),

  /** One more shell, in the main container or in one that docker made. */
  openTerminal: sessionProcedure
    .meta({ rate: "open-terminal" })
    .input(z.object({ size: terminalSizeSchema, container: hostContainerIdSchema.nullable().default(null) }))
    .mutation(({ ctx, input }) =>
      ctx.services.sessions.openTerminal(ctx.sessionId, input.size, input.container),
    ),

  /** An address from which a browser gets what the session wrote, as a tar. */
  exportUrl: sessionProcedure
    .meta({ rate: "save" })
    .mutation(async ({ ctx }) => ({ url: await ctx.services.sessions.exportUrl(ctx.sessionId) })),

  /** A ticket for the files of the container, which the page asks the worker's gateway for. */
  filesTicket: sessionProcedure
    .meta({ rate: "write" })
    .mutation(({ ctx }) => ctx.services.sessions.filesTicket(ctx.sessionId)),

  /** What a running session uses at this moment; a page asks while somebody looks. */
  usage: sessionProcedure
    .meta({ rate: "session-look" })
    .query(({ ctx }) => ctx.services.sessionLooks.usage(ctx.sessionId)),

  /** Its processes from both sides, and what its containers have of their own. */
  inside: sessionProcedure
    .meta({ rate: "session-look" })
    .query(({ ctx }) => ctx.services.sessionLooks.inside(ctx.sessionId)),

  /** Containers and images that docker has made in it. */
  host: sessionProcedure
    .meta({ rate: "session-look" })
    .query(({ ctx }) => ctx.services.sessionLooks.host(ctx.sessionId)),

  /** For a docker client on the person's own machine. */
  dockerAddress: sessionProcedure
    .meta({ rate: "write" })
    .mutation(({ ctx }) => ctx.services.sessions.dockerAddress(ctx.sessionId)),
  revokeDockerAddresses: sessionProcedure
    .meta({ rate: "write" })
    .mutation(({ ctx }) => ctx.services.sessions.revokeDockerAddresses(ctx.sessionId)),

  get: sessionProcedure.query(({ ctx }) => ctx.services.sessions.get(ctx.sessionId)),

  /** The session now, then at every change; ends when the session has ended. */
  watch: sessionProcedure.subscription(
    ({ ctx, signal }): AsyncGenerator<SessionView, void> =>
      ctx.services.sessions.watch(ctx.sessionId, signal ?? NEVER),
  ),

  /** A ticket for the terminals channel of the worker's gateway; ask for a new one at every connect. */
  terminalTicket: sessionProcedure
    .meta({ rate: "write" })
    .input(z.object({ terminalId: terminalIdSchema }))
    .mutation(({ ctx, input }) => ctx.services.sessions.terminalTicket(ctx.sessionId, input.terminalId)),

  /** An address for a new tab or a frame; it signs in on the port's own origin. */
  previewUrl: sessionProcedure
    .meta({ rate: "write" })
    .input(z.object({ port: z.number().int().min(1).max(65_535) }))
    .mutation(async ({ ctx, input }) => ({
      url: await ctx.services.sessions.previewUrl(ctx.sessionId, input.port),
    })),
});
