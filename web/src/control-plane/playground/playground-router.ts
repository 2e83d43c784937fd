import { z } from "zod";
import { personProcedure, playgroundProcedure, router } from "../trpc.ts";
import { templateSchema } from "./playground.ts";

const path = z.string().max(1024);

export const playgroundRouter = router({
  create: personProcedure
    .meta({ rate: "playground-create" })
    .input(z.object({ template: templateSchema.optional() }))
    .mutation(async ({ ctx, input }) => ({
      id: await ctx.services.playgrounds.create(ctx.person.id, input.template ?? "node"),
    })),

  get: playgroundProcedure.query(({ ctx }) => ctx.services.playgrounds.get(ctx.playgroundId)),

  list: personProcedure.query(({ ctx }) => ctx.services.playgrounds.list(ctx.person.id)),

  saveFile: playgroundProcedure
    .meta({ rate: "write" })
    .input(z.object({ path, content: z.string() }))
    .mutation(async ({ ctx, input }) => ({
      savedAt: await ctx.services.playgrounds.saveFile(ctx.playgroundId, input.path, input.content),
    })),

  deleteFile: playgroundProcedure
    .meta({ rate: "write" })
    .input(z.object({ path }))
    .mutation(async ({ ctx, input }) => ({
      savedAt: await ctx.services.playgrounds.deleteFile(ctx.playgroundId, input.path),
    })),

  renameFile: playgroundProcedure
    .meta({ rate: "write" })
    .input(z.object({ from: path, to: path }))
    .mutation(async ({ ctx, input }) => ({
      savedAt: await ctx.services.playgrounds.renameFile(ctx.playgroundId, input.from, input.to),
    })),
});
