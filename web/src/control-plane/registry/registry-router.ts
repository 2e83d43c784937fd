import { registryCredentialSchema } from "@slipway/protocol";
import { z } from "zod";
import { personProcedure, router } from "../trpc.ts";

/** As people type or paste it; registry-host.ts makes a host of it. */
const registry = z.string().max(512);

/** The registry logins of the person who asks. No answer ever holds a password. */
export const registryRouter = router({
  list: personProcedure.query(({ ctx }) => ctx.services.registryLogins.list(ctx.person.id)),

  login: personProcedure
    .meta({ rate: "registry-login" })
    .input(registryCredentialSchema.extend({ registry }))
    .mutation(({ ctx, input }) => ctx.services.registryLogins.save(ctx.person.id, input)),

  logout: personProcedure
    .meta({ rate: "registry-login" })
    .input(z.object({ registry }))
    .mutation(({ ctx, input }) => ctx.services.registryLogins.remove(ctx.person.id, input.registry)),
});
