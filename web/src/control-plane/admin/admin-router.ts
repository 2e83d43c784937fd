import { z } from "zod";
import { roleSchema } from "../account/role.ts";
import type { Deed } from "../audit/audit.ts";
import { quotaWishSchema } from "../quota/quota.ts";
import { operatorProcedure, router, type Services } from "../trpc.ts";

const id = z.string().max(64);
const MAX_SEARCH = 200;
/** Longest reason that an owner is told. */
const MAX_REASON = 300;

interface OperatorContext {
  readonly services: Pick<Services, "audit">;
  readonly person: Deed["actor"];
}

/** Carries something out and writes down that the operator did it; what was refused is no deed. */
async function done<Answer>(
  { services, person }: OperatorContext,
  deed: Omit<Deed, "actor">,
  work: () => Promise<Answer>,
): Promise<Answer> {
  const answer = await work();
  await services.audit.record({ actor: { id: person.id, name: person.name }, ...deed });
  return answer;
}

/** The operator's page. Everything that changes something is in the audit log. */
export const adminRouter = router({
  overview: operatorProcedure.query(({ ctx }) => ctx.services.admin.overview()),
  sessions: operatorProcedure.query(({ ctx }) => ctx.services.admin.sessions()),
  builds: operatorProcedure.query(({ ctx }) => ctx.services.admin.builds()),
  users: operatorProcedure
    .input(z.object({ search: z.string().trim().max(MAX_SEARCH) }))
    .query(({ ctx, input }) => ctx.services.admin.users(input.search)),
  quotas: operatorProcedure.query(async ({ ctx }) => ({
    settings: ctx.services.quotas.settings,
    roles: await ctx.services.quotas.list(),
  })),
  audit: operatorProcedure
    .input(
      z.object({
        words: z.string().max(MAX_SEARCH),
        before: z
          .string()
          .regex(/^\d{1,18}$/)
          .nullable(),
      }),
    )
    .query(({ ctx, input }) => ctx.services.audit.search(input)),

  stopSession: operatorProcedure
    .meta({ rate: "write" })
    .input(z.object({ sessionId: id, reason: z.string().trim().max(MAX_REASON) }))
    .mutation(({ ctx, input }) =>
      done(ctx, { action: "admin.stopSession", subject: input.sessionId, detail: input.reason }, () =>
        ctx.services.admin.stopSession(input.sessionId, input.reason),
      ),
    ),

  cancelBuild: operatorProcedure
    .meta({ rate: "write" })
    .input(z.object({ buildId: id }))
    .mutation(({ ctx, input }) =>
      done(ctx, { action: "admin.cancelBuild", subject: input.buildId }, () =>
        ctx.services.admin.cancelBuild(input.buildId),
      ),
    ),

  /** A drained worker keeps what it has and gets nothing new. */
  drain: operatorProcedure
    .meta({ rate: "write" })
    .input(z.object({ workerId: id, draining: z.boolean() }))
    .mutation(({ ctx, input }) =>
      done(ctx, { action: input.draining ? "admin.drain" : "admin.undrain", subject: input.workerId }, () =>
        ctx.services.admin.drain(input.workerId, input.draining),
      ),
    ),

  setQuota: operatorProcedure
    .meta({ rate: "write" })
    .input(z.object({ role: roleSchema, wish: quotaWishSchema }))
    .mutation(({ ctx, input }) =>
      done(ctx, { action: "admin.setQuota", subject: input.role, detail: JSON.stringify(input.wish) }, () =>
        ctx.services.quotas.set(input.role, input.wish),
      ),
    ),

  /** Takes the operator's word that an address is its account's. */
  proveEmail: operatorProcedure
    .meta({ rate: "write" })
    .input(z.object({ userId: id }))
    .mutation(({ ctx, input }) =>
      done(ctx, { action: "admin.proveEmail", subject: input.userId }, () =>
        ctx.services.admin.proveEmail(input.userId),
      ),
    ),

  resetPassword: operatorProcedure
    .meta({ rate: "write" })
    .input(z.object({ userId: id }))
    .mutation(({ ctx, input }) =>
      done(ctx, { action: "admin.resetPassword", subject: input.userId }, async () => ({
        password: await ctx.services.admin.resetPassword(input.userId),
      })),
    ),
});
