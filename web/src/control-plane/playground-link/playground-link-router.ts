import { SlipwayError } from "@slipway/protocol";
import { z } from "zod";
import { playgroundProcedure, publicProcedure, router } from "../trpc.ts";

/** For whoever holds the token of a link, counted by address. */
const holderProcedure = publicProcedure
  .meta({ rate: "link-use" })
  .input(z.object({ token: z.string().max(64) }))
  .use(async ({ ctx, next }) => {
    await ctx.services.rateLimits.spend("link-use", ctx.address);
    return next();
  });

export const playgroundLinkRouter = router({
  create: playgroundProcedure
    .meta({ rate: "link-make" })
    .input(z.object({ history: z.boolean() }))
    .mutation(({ ctx, input }) => ctx.services.playgroundLinks.create(ctx.playgroundId, input.history)),

  list: playgroundProcedure.query(({ ctx }) => ctx.services.playgroundLinks.list(ctx.playgroundId)),

  revoke: playgroundProcedure
    .meta({ rate: "write" })
    .input(z.object({ linkId: z.string().max(64) }))
    .mutation(({ ctx, input }) => ctx.services.playgroundLinks.revoke(ctx.playgroundId, input.linkId)),

  /** What the holder of a link sees. */
  view: holderProcedure.query(({ ctx, input }) => ctx.services.playgroundLinks.view(input.token)),

  readText: holderProcedure
    .input(z.object({ path: z.string().max(1024) }))
    .query(({ ctx, input }) => ctx.services.playgroundLinks.readText(input.token, input.path)),

  /** A playground of one's own with the same files. Someone who has not entered does that first. */
  fork: holderProcedure.meta({ rate: "link-use" }).mutation(async ({ ctx, input }) => {
    if (!(await ctx.services.playgroundLinks.open(input.token))) {
      throw new SlipwayError("link-missing", "This link is not valid any more.");
    }
    const person = await ctx.identify();
    if (!person) throw new SlipwayError("not-signed-in", "Enter first: account.enter makes a guest.");
    await ctx.services.rateLimits.spend("playground-create", person.id);
    return { id: await ctx.services.playgroundLinks.fork(input.token, person.id) };
  }),
});
