import type { IncomingHttpHeaders } from "node:http";
import {
  ERROR_FAULT,
  type ErrorCode,
  type Fault,
  type PlaygroundId,
  SlipwayError,
  type WireError,
} from "@slipway/protocol";
import { initTRPC, TRPCError } from "@trpc/server";
import type { TRPC_ERROR_CODE_KEY } from "@trpc/server/rpc";
import { z } from "zod";
import type { Accounts, Person } from "./account/account.ts";
import type { Operators } from "./account/operators.ts";
import type { Ownership } from "./account/ownership.ts";
import type { Rate, RateLimits } from "./account/rate-limits.ts";
import type { Removal } from "./account/removal.ts";
import type { Admin } from "./admin/admin.ts";
import { AUDITED, type Audit, subjectOf } from "./audit/audit.ts";
import type { Builds } from "./build/build.ts";
import type { Images } from "./image/image.ts";
import type { Links } from "./link/link.ts";
import type { Playgrounds } from "./playground/playground.ts";
import type { Versions } from "./playground/playground-version.ts";
import type { PlaygroundLinks } from "./playground-link/playground-link.ts";
import type { Quotas } from "./quota/quota.ts";
import type { RegistryLogins } from "./registry/registry-logins.ts";
import type { SavedImages } from "./saved-image/saved-image.ts";
import type { Sessions } from "./session/session.ts";
import type { SessionLooks } from "./session/session-looks.ts";
import type { SystemStatus } from "./system/system.ts";

/** All that procedures call; made by main.ts. */
export interface Services {
  readonly accounts: Accounts;
  readonly operators: Operators;
  readonly removal: Removal;
  readonly admin: Admin;
  readonly audit: Audit;
  readonly quotas: Quotas;
  readonly ownership: Ownership;
  readonly rateLimits: RateLimits;
  readonly playgrounds: Playgrounds;
  readonly versions: Versions;
  readonly playgroundLinks: PlaygroundLinks;
  readonly builds: Builds;
  readonly registryLogins: RegistryLogins;
  readonly sessions: Sessions;
  readonly savedImages: SavedImages;
  readonly images: Images;
  readonly sessionLooks: SessionLooks;
  readonly links: Links;
  readonly system: SystemStatus;
}

export interface RequestContext {
  readonly services: Services;
  readonly headers: IncomingHttpHeaders;
  /** Network address of the other end. */
  readonly address: string;
  /** Asked once per request, at the first need. */
  readonly identify: () => Promise<Person | null>;
  readonly setCookies: (values: readonly string[]) => void;
}

/** Pause between two pings of an event stream; keeps proxies from closing it. */
const STREAM_PING_MS = 10_000;
/** Silence after which a browser takes an event stream for dead and asks again. */
const STREAM_SILENCE_MS = 30_000;

const FAULT_STATUS = {
  user: "BAD_REQUEST",
  capacity: "SERVICE_UNAVAILABLE",
  platform: "INTERNAL_SERVER_ERROR",
} as const satisfies Record<Fault, TRPC_ERROR_CODE_KEY>;

/** Codes whose HTTP status says more than the fault does. */
const CODE_STATUS: Partial<Record<ErrorCode, TRPC_ERROR_CODE_KEY>> = {
  "playground-missing": "NOT_FOUND",
  "build-missing": "NOT_FOUND",
  "session-missing": "NOT_FOUND",
  "terminal-missing": "NOT_FOUND",
  "image-missing": "NOT_FOUND",
  "link-missing": "NOT_FOUND",
  "version-missing": "NOT_FOUND",
  "file-missing": "NOT_FOUND",
  "not-signed-in": "UNAUTHORIZED",
  "sign-in-failed": "UNAUTHORIZED",
  "operator-code-wrong": "FORBIDDEN",
  forbidden: "FORBIDDEN",
  "rate-limited": "TOO_MANY_REQUESTS",
  "files-too-large": "PAYLOAD_TOO_LARGE",
};

/** The error that the client gets for whatever was thrown. Defects keep their message to themselves. */
export function wireErrorOf(error: TRPCError): WireError {
  if (error.cause instanceof SlipwayError) return error.cause.toWire();
  if (error.cause instanceof z.ZodError) {
    return new SlipwayError("request-invalid", z.prettifyError(error.cause).slice(0, 2000)).toWire();
  }
  if (error.code === "INTERNAL_SERVER_ERROR") {
    return new SlipwayError(
      "internal",
      "Something broke on our side; the log of the control plane says what.",
    ).toWire();
  }
  return new SlipwayError("request-invalid", error.message).toWire();
}

/** What a procedure says of itself. Every mutation names its rate. */
export interface ProcedureMeta {
  readonly rate?: Rate;
}

const t = initTRPC
  .context<RequestContext>()
  .meta<ProcedureMeta>()
  .create({
    isDev: false,
    sse: {
      ping: { enabled: true, intervalMs: STREAM_PING_MS },
      client: { reconnectAfterInactivityMs: STREAM_SILENCE_MS },
    },
    errorFormatter: ({ shape, error }) => {
      const slipway = wireErrorOf(error);
      return { ...shape, message: slipway.message, data: { ...shape.data, slipway } };
    },
  });

export const router = t.router;
export const createCallerFactory = t.createCallerFactory;

/** Open to everyone. Errors raised on purpose get a fitting HTTP status. */
export const publicProcedure = t.procedure.use(async ({ ctx, path, type, getRawInput, next }) => {
  const result = await next();
  if (!result.ok && result.error.cause instanceof SlipwayError) {
    const { code } = result.error.cause;
    const status = CODE_STATUS[code] ?? FAULT_STATUS[ERROR_FAULT[code]];
    throw new TRPCError({ code: status, message: result.error.cause.message, cause: result.error.cause });
  }
  if (result.ok && type === "mutation" && AUDITED.has(path)) {
    const entered = path.startsWith("account.") ? personIn(result.data) : null;
    const actor = entered ?? (await ctx.identify());
    const subject = subjectOf(await getRawInput(), result.data);
    if (actor) ctx.services.audit.note({ actor: { id: actor.id, name: actor.name }, action: path, subject });
  }
  return result;
});

/**
 * For those who have an account, guests included; `not-signed-in` otherwise. Counts the request against the rate that
 * the procedure names in its `meta`.
 */
export const personProcedure = publicProcedure.use(async ({ ctx, meta, next }) => {
  const person = await ctx.identify();
  if (!person) throw new SlipwayError("not-signed-in", "Enter first: account.enter makes a guest.");
  if (meta?.rate) {
    await ctx.services.rateLimits.spend(meta.rate, person.id);
    // A new guest is made in a moment, so guests of one address are counted together as well.
    if (person.guest) await ctx.services.rateLimits.spendAsGuest(meta.rate, ctx.address);
  }
  return next({ ctx: { ...ctx, person } });
});

/** Who came in by a call that lets people in. */
function personIn(answer: unknown): Pick<Person, "id" | "name"> | null {
  const isPerson = typeof answer === "object" && answer !== null && "id" in answer && "name" in answer;
  return isPerson ? { id: String(answer.id), name: String(answer.name) } : null;
}

/** For operators, whom the settings name and who have proved it; `forbidden` for everybody else. */
export const operatorProcedure = personProcedure.use(({ ctx, next }) => {
  if (ctx.person.role !== "operator") throw new SlipwayError("forbidden", "This is for operators.");
  return next();
});

/*
 * The one style of ownership: a procedure about something is built on one of the four below, which take the id from the
 * input and give the branded id in the context. Whatever is not the person's own does not exist for them.
 */

const id = z.string().max(64);

async function ownPlayground(
  ctx: { services: Services; person: Person },
  wanted: string,
): Promise<PlaygroundId> {
  const playgroundId = await ctx.services.ownership.playground(ctx.person.id, wanted);
  if (!playgroundId) throw new SlipwayError("playground-missing", "There is no such playground.");
  return playgroundId;
}

/** About the playground itself: `{ id }`. */
export const playgroundProcedure = personProcedure
  .input(z.object({ id }))
  .use(async ({ ctx, input, next }) =>
    next({ ctx: { ...ctx, playgroundId: await ownPlayground(ctx, input.id) } }),
  );

/** About something new in a playground: `{ playgroundId }`. */
export const inPlaygroundProcedure = personProcedure
  .input(z.object({ playgroundId: id }))
  .use(async ({ ctx, input, next }) =>
    next({ ctx: { ...ctx, playgroundId: await ownPlayground(ctx, input.playgroundId) } }),
  );

/** About a build: `{ buildId }`. */
export const buildProcedure = personProcedure
  .input(z.object({ buildId: id }))
  .use(async ({ ctx, input, next }) => {
    const buildId = await ctx.services.ownership.build(ctx.person.id, input.buildId);
    if (!buildId) throw new SlipwayError("build-missing", "There is no such build.");
    return next({ ctx: { ...ctx, buildId } });
  });

/** About a session: `{ sessionId }`. */
export const sessionProcedure = personProcedure
  .input(z.object({ sessionId: id }))
  .use(async ({ ctx, input, next }) => {
    const sessionId = await ctx.services.ownership.session(ctx.person.id, input.sessionId);
    if (!sessionId) throw new SlipwayError("session-missing", "There is no such session.");
    return next({ ctx: { ...ctx, sessionId } });
  });
