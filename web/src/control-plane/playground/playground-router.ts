import { z } from "zod";
import { personProcedure, playgroundProcedure, router } from "../trpc.ts";
import { MAX_NAME_LENGTH } from "./limits.ts";
import { type FileNews, templateLanguageSchema, templateSchema } from "./playground.ts";
import { MAX_VERSION_NAME_LENGTH } from "./playground-version.ts";

const NEVER = new AbortController().signal;

const path = z.string().max(1024);
const digest = z.string().max(80);
const number = z.number().int().min(1);
/** Names are shown in one line; what is invisible or breaks it goes. */
const name = (longest: number) =>
  z
    .string()
    .transform((text) => text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, " ").trim())
    .pipe(z.string().min(1).max(longest));

export const playgroundRouter = router({
  create: personProcedure
    .meta({ rate: "playground-create" })
    .input(
      z.object({ template: templateSchema.default("node"), language: templateLanguageSchema.default("en") }),
    )
    .mutation(async ({ ctx, input }) => ({
      id: await ctx.services.playgrounds.create(ctx.person.id, input.template, input.language),
    })),

  get: playgroundProcedure.query(({ ctx }) => ctx.services.playgrounds.get(ctx.playgroundId)),

  list: personProcedure
    .input(z.object({ search: z.string().max(200).optional() }).optional())
    .query(({ ctx, input }) => ctx.services.playgrounds.list(ctx.person.id, input?.search)),

  rename: playgroundProcedure
    .meta({ rate: "write" })
    .input(z.object({ name: name(MAX_NAME_LENGTH) }))
    .mutation(({ ctx, input }) => ctx.services.playgrounds.rename(ctx.playgroundId, input.name)),

  delete: playgroundProcedure
    .meta({ rate: "write" })
    .mutation(({ ctx }) => ctx.services.playgrounds.delete(ctx.playgroundId)),

  fork: playgroundProcedure.meta({ rate: "playground-create" }).mutation(async ({ ctx }) => ({
    id: await ctx.services.playgrounds.fork(ctx.playgroundId, ctx.person.id),
  })),

  /** All files first, then what changes in them, by whomever. */
  watch: playgroundProcedure.subscription(
    ({ ctx, signal }): AsyncGenerator<FileNews, void> =>
      ctx.services.playgrounds.watch(ctx.playgroundId, signal ?? NEVER),
  ),

  readText: playgroundProcedure
    .input(z.object({ path }))
    .query(({ ctx, input }) => ctx.services.playgrounds.readText(ctx.playgroundId, input.path)),

  saveFile: playgroundProcedure
    .meta({ rate: "write" })
    .input(
      z.object({
        path,
        content: z.string(),
        base: digest.nullable().optional(),
        keep: z.boolean().optional(),
      }),
    )
    .mutation(({ ctx, input }) => ctx.services.playgrounds.saveFile(ctx.playgroundId, input)),

  createFolder: playgroundProcedure
    .meta({ rate: "write" })
    .input(z.object({ path }))
    .mutation(({ ctx, input }) => ctx.services.playgrounds.createFolder(ctx.playgroundId, input.path)),

  remove: playgroundProcedure
    .meta({ rate: "write" })
    .input(z.object({ path }))
    .mutation(({ ctx, input }) => ctx.services.playgrounds.remove(ctx.playgroundId, input.path)),

  move: playgroundProcedure
    .meta({ rate: "write" })
    .input(z.object({ from: path, to: path }))
    .mutation(({ ctx, input }) => ctx.services.playgrounds.move(ctx.playgroundId, input.from, input.to)),

  versions: playgroundProcedure.query(({ ctx }) => ctx.services.versions.list(ctx.playgroundId)),

  differences: playgroundProcedure
    .input(z.object({ number }))
    .query(({ ctx, input }) => ctx.services.versions.differences(ctx.playgroundId, input.number)),

  readVersion: playgroundProcedure
    .input(z.object({ number, path }))
    .query(({ ctx, input }) => ctx.services.versions.readText(ctx.playgroundId, input.number, input.path)),

  keepVersion: playgroundProcedure
    .meta({ rate: "write" })
    .input(z.object({ name: name(MAX_VERSION_NAME_LENGTH) }))
    .mutation(({ ctx, input }) => ctx.services.versions.keep(ctx.playgroundId, input.name)),

  restore: playgroundProcedure
    .meta({ rate: "write" })
    .input(z.object({ number }))
    .mutation(({ ctx, input }) => ctx.services.versions.restore(ctx.playgroundId, input.number)),
});
