import { personProcedure, publicProcedure, router } from "../trpc.ts";

export const systemRouter = router({
  status: publicProcedure.query(({ ctx }) => ctx.services.system.get()),

  baseImages: personProcedure.query(({ ctx }) => ctx.services.system.baseImages()),
});
