import { terminalIdSchema } from "@slipway/protocol";
import { z } from "zod";
import { publicProcedure, router, sessionProcedure } from "../trpc.ts";
import type { SharedSession } from "./link.ts";

const NEVER = new AbortController().signal;

const port = z.number().int().min(1).max(65_535);
const grantSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("preview"), port }),
  z.object({ kind: z.literal("terminal"), role: z.enum(["view", "drive"]) }),
]);

/** For whoever holds the token of a link, counted by address. */
const holderProcedure = publicProcedure
  .meta({ rate: "link-use" })
  .input(z.object({ token: z.string().max(64) }))
  .use(async ({ ctx, next }) => {
    await ctx.services.rateLimits.spend("link-use", ctx.address);
    return next();
  });

export const linkRouter = router({
  create: sessionProcedure
    .meta({ rate: "link-make" })
    .input(z.object({ grant: grantSchema }))
    .mutation(({ ctx, input }) => ctx.services.links.create(ctx.sessionId, input.grant)),

  list: sessionProcedure.query(({ ctx }) => ctx.services.links.list(ctx.sessionId)),

  revoke: sessionProcedure
    .meta({ rate: "write" })
    .input(z.object({ id: z.string().max(64) }))
    .mutation(({ ctx, input }) => ctx.services.links.revoke(ctx.sessionId, input.id)),

  /** What the holder of a link to terminals sees, then at every change; ends when there is nothing more to see. */
  watch: holderProcedure.subscription(
    ({ ctx, input, signal }): AsyncGenerator<SharedSession, void> =>
      ctx.services.links.watch(input.token, signal ?? NEVER),
  ),

  terminalTicket: holderProcedure
    .input(z.object({ terminalId: terminalIdSchema }))
    .mutation(({ ctx, input }) => ctx.services.links.terminalTicket(input.token, input.terminalId)),
});
