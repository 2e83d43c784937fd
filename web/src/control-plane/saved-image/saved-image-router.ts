import { z } from "zod";
import { inPlaygroundProcedure, router, sessionProcedure } from "../trpc.ts";
import { type SavedImageView, savedImageNameSchema } from "./saved-image.ts";

const NEVER = new AbortController().signal;

export const savedImageRouter = router({
  /** Keeps what a session has written as an image of its playground. */
  save: sessionProcedure
    .meta({ rate: "save" })
    .input(z.object({ name: savedImageNameSchema }))
    .mutation(({ ctx, input }) => ctx.services.savedImages.save(ctx.sessionId, input.name)),

  list: inPlaygroundProcedure.query(({ ctx }) => ctx.services.savedImages.list(ctx.playgroundId)),

  /** The list now, then at every change. */
  watch: inPlaygroundProcedure.subscription(
    ({ ctx, signal }): AsyncGenerator<SavedImageView[], void> =>
      ctx.services.savedImages.watch(ctx.playgroundId, signal ?? NEVER),
  ),

  delete: inPlaygroundProcedure
    .meta({ rate: "write" })
    .input(z.object({ id: z.string().max(64) }))
    .mutation(({ ctx, input }) => ctx.services.savedImages.delete(ctx.playgroundId, input.id)),
});
