import { SlipwayError } from "@slipway/protocol";
import { z } from "zod";
import { localPath } from "../http/local-path.ts";
import { personProcedure, publicProcedure, router } from "../trpc.ts";
import type { Person } from "./account.ts";
import { PASSWORD_CHARACTERS } from "./auth.ts";

/** Longest e-mail address (RFC 5321 section 4.5.3.1.3, without the angle brackets). */
const EMAIL_CHARACTERS = 254;
const NAME_CHARACTERS = 64;

const email = z.email().max(EMAIL_CHARACTERS).toLowerCase();
/** What people choose; longer ones cost more to hash. */
const newPassword = z.string().min(PASSWORD_CHARACTERS.least).max(PASSWORD_CHARACTERS.most);
const password = z.string().min(1).max(PASSWORD_CHARACTERS.most);
const name = z
  .string()
  .trim()
  .min(1)
  .max(NAME_CHARACTERS)
  .regex(/^[^\p{Cc}\p{Cf}]*$/u, "expected no control characters");

export const accountRouter = router({
  /** The person who asks, or null for someone who has not entered yet. */
  me: publicProcedure.query(({ ctx }): Promise<Person | null> => ctx.identify()),

  /** How one can get into an account. */
  ways: publicProcedure.query(({ ctx }) => ctx.services.accounts.ways),

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

  /** Makes an account; what the present guest has moves into it. Answers with `Set-Cookie`. */
  signUp: publicProcedure
    .meta({ rate: "sign-up" })
    .input(z.object({ name, email, password: newPassword }))
    .mutation(async ({ ctx, input }): Promise<Person> => {
      await ctx.services.rateLimits.spend("sign-up", ctx.address);
      const { person, cookies } = await ctx.services.accounts.signUp(ctx.headers, input);
      ctx.setCookies(cookies);
      return person;
    }),

  /** Into an account that there is; what the present guest has moves into it. Answers with `Set-Cookie`. */
  signIn: publicProcedure
    .meta({ rate: "sign-in" })
    .input(z.object({ email, password }))
    .mutation(async ({ ctx, input }): Promise<Person> => {
      await ctx.services.rateLimits.spend("sign-in", ctx.address);
      await ctx.services.rateLimits.spend("password-try", input.email);
      const { person, cookies } = await ctx.services.accounts.signIn(ctx.headers, input);
      ctx.setCookies(cookies);
      return person;
    }),

  /** The address of the OpenID provider's question. Answers with `Set-Cookie`. */
  startOidc: publicProcedure
    .meta({ rate: "sign-in" })
    .input(z.object({ to: z.string().max(2_048).optional() }))
    .mutation(async ({ ctx, input }) => {
      await ctx.services.rateLimits.spend("sign-in", ctx.address);
      const { url, cookies } = await ctx.services.accounts.startOidc(
        ctx.headers,
        localPath(input.to ?? null),
      );
      ctx.setCookies(cookies);
      return { url };
    }),

  signOut: personProcedure.meta({ rate: "write" }).mutation(async ({ ctx }) => {
    ctx.setCookies(await ctx.services.accounts.signOut(ctx.headers));
  }),

  /** Ends the sign-ins of all other browsers. Answers with `Set-Cookie`. */
  changePassword: personProcedure
    .meta({ rate: "password-try" })
    .input(z.object({ present: password, next: newPassword }))
    .mutation(async ({ ctx, input }) => {
      ctx.setCookies(await ctx.services.accounts.changePassword(ctx.headers, input));
    }),

  /** The operator's code proves that an address which the settings name is the operator's. */
  proveOperator: personProcedure
    .meta({ rate: "password-try" })
    .input(z.object({ code: z.string().min(1).max(256) }))
    .mutation(async ({ ctx, input }) => {
      if (!ctx.services.operators.isCode(input.code)) {
        throw new SlipwayError("operator-code-wrong", "This is not the operator's code.");
      }
      await ctx.services.operators.prove(ctx.person);
    }),

  /** Stops everything of the person and forgets them. */
  remove: personProcedure
    .meta({ rate: "password-try" })
    .input(z.object({ password: z.string().max(PASSWORD_CHARACTERS.most) }))
    .mutation(async ({ ctx, input }) => {
      if (!(await ctx.services.accounts.isPassword(ctx.person.id, input.password))) {
        throw new SlipwayError("sign-in-failed", "The password is wrong.");
      }
      await ctx.services.removal.remove(ctx.person.id);
      ctx.setCookies(await ctx.services.accounts.signOut(ctx.headers));
    }),
});
