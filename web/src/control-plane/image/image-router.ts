import { imagePathSchema, MAX_PAGE_ENTRIES } from "@slipway/protocol";
import { z } from "zod";
import { inPlaygroundProcedure, router } from "../trpc.ts";
import { imageNameSchema } from "./image.ts";

const imageProcedure = inPlaygroundProcedure
  .meta({ rate: "image-look" })
  .input(z.object({ image: imageNameSchema }));

const count = z.number().int().nonnegative();
const layer = z.number().int().min(0).max(10_000);
const limit = z.number().int().min(1).max(MAX_PAGE_ENTRIES);
const path = imagePathSchema;

/** Looks into images of one's own playgrounds. Layers count from 0, the lowest. */
export const imageRouter = router({
  /** All that can be looked into. */
  list: inPlaygroundProcedure
    .meta({ rate: "image-look" })
    .query(({ ctx }) => ctx.services.images.list(ctx.playgroundId)),

  about: imageProcedure.query(({ ctx, input }) => ctx.services.images.about(ctx.playgroundId, input.image)),

  layers: imageProcedure.query(({ ctx, input }) => ctx.services.images.layers(ctx.playgroundId, input.image)),

  /** A part of a directory as of a layer. */
  directory: imageProcedure
    .input(z.object({ asked: z.object({ layer, path, onlyChanges: z.boolean(), offset: count, limit }) }))
    .query(({ ctx, input }) => ctx.services.images.directory(ctx.playgroundId, input.image, input.asked)),

  /** What each layer did to a path. */
  path: imageProcedure
    .input(z.object({ asked: z.object({ path }) }))
    .query(({ ctx, input }) => ctx.services.images.path(ctx.playgroundId, input.image, input.asked)),

  search: imageProcedure
    .input(z.object({ asked: z.object({ layer, text: z.string().min(1).max(255) }) }))
    .query(({ ctx, input }) => ctx.services.images.search(ctx.playgroundId, input.image, input.asked)),

  /** A part of a file as of a layer. */
  file: imageProcedure
    .input(z.object({ asked: z.object({ layer, path, offset: count }) }))
    .query(({ ctx, input }) => ctx.services.images.file(ctx.playgroundId, input.image, input.asked)),

  /** What differs from one image to another, in numbers. */
  compare: imageProcedure
    .input(z.object({ other: imageNameSchema }))
    .query(({ ctx, input }) => ctx.services.images.compare(ctx.playgroundId, input.image, input.other)),

  /** The same path by path. */
  differences: imageProcedure
    .input(z.object({ other: imageNameSchema, page: z.object({ after: path, limit }) }))
    .query(({ ctx, input }) =>
      ctx.services.images.differences(ctx.playgroundId, input.image, input.other, input.page),
    ),
});
