import { z } from "zod";
import { inPlaygroundProcedure, router } from "../trpc.ts";
import { imageNameSchema } from "./image.ts";

const imageProcedure = inPlaygroundProcedure
  .meta({ rate: "image-look" })
  .input(z.object({ image: imageNameSchema }));

export const imageRouter = router({
  about: imageProcedure.query(({ ctx, input }) => ctx.services.images.about(ctx.playgroundId, input.image)),
});
