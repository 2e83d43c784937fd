import { randomInt } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { SlipwayError } from "@slipway/protocol";
import { betterAuth } from "better-auth";
import { prismaAdapter } from "better-auth/adapters/prisma";
import { fromNodeHeaders, toNodeHandler } from "better-auth/node";
import { anonymous } from "better-auth/plugins";
import type { Logger } from "pino";
import type { Database } from "../db/database.ts";
import type { Accounts } from "./account.ts";

/** Where better-auth's own endpoints are. */
export const AUTH_PATH = "/auth";
/** A guest has no other way back to their playgrounds than the cookie, so it lasts long. */
const SIGN_IN_SECONDS = 365 * 24 * 60 * 60;

export interface AuthOptions {
  readonly database: Database;
  readonly secret: string;
  readonly publicUrl: string;
  readonly log: Logger;
}

/** Accounts by better-auth. Its "session" is our AuthSession: a sign-in, not what a person launches. */
export function createAuth(options: AuthOptions) {
  const isSecure = options.publicUrl.startsWith("https:");
  const auth = betterAuth({
    appName: "Slipway",
    baseURL: options.publicUrl,
    basePath: AUTH_PATH,
    secret: options.secret,
    trustedOrigins: [options.publicUrl],
    database: prismaAdapter(options.database, { provider: "postgresql" }),
    session: { modelName: "authSession", expiresIn: SIGN_IN_SECONDS, disableSessionRefresh: true },
    plugins: [anonymous({ generateName: () => `guest-${randomInt(1000, 10_000)}` })],
    advanced: {
      useSecureCookies: false,
      // __Host-: a previewed page on a sibling domain can't plant a cookie of this name (RFC 6265bis section 4.1.3.2).
      cookiePrefix: isSecure ? "__Host-slipway" : "slipway",
      defaultCookieAttributes: { httpOnly: true, sameSite: "lax", path: "/", secure: isSecure },
    },
    telemetry: { enabled: false },
    logger: {
      level: "warn",
      log: (level, message) => options.log[level === "error" ? "error" : "warn"]({ source: "auth" }, message),
    },
  });

  const accounts: Accounts = {
    async identify(headers: IncomingHttpHeaders) {
      if (headers.cookie === undefined) return null;
      const found = await auth.api.getSession({ headers: fromNodeHeaders(headers) });
      if (!found) return null;
      const { id, name, isAnonymous } = found.user;
      return { id, name, guest: isAnonymous === true };
    },
    async enterAsGuest() {
      const { headers, response } = await auth.api.signInAnonymous({
        headers: new Headers(),
        returnHeaders: true,
      });
      if (!response) throw new SlipwayError("internal", "No guest account was made.");
      const { id, name } = response.user;
      return { person: { id, name, guest: true }, cookies: headers.getSetCookie() };
    },
  };
  return { accounts, handler: toNodeHandler(auth) };
}
