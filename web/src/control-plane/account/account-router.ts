import { publicProcedure, router } from "../trpc.ts";
import type { Person } from "./account.ts";

export const accountRouter = router({
  /** The person who asks, or null for someone who has not entered yet. */
  me: publicProcedure.query(({ ctx }): Promise<Person | null> => ctx.identify()),

  /**
   * Makes a guest on first need and signs them in; someone who is in already stays who they are. Answers with
   * `Set-Cookie`, therefore call it through a link that doesn't stream (httpBatchLink).
   */
  enter: publicProcedure.meta({ rate: "guest-entry" }).mutation(async ({ ctx }): Promise<Person> => {
    const present = await ctx.identify();
    if (present) return present;
    await ctx.services.rateLimits.spend("guest-entry", ctx.address);
    const { person, cookies } = await ctx.services.accounts.enterAsGuest();
    ctx.setCookies(cookies);
    return person;
  }),
});
