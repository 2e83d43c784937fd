import { randomInt } from "node:crypto";
import { type BetterAuthOptions, betterAuth } from "better-auth";
import { prismaAdapter } from "better-auth/adapters/prisma";
import { anonymous, genericOAuth } from "better-auth/plugins";
import type { Logger } from "pino";
import type { Database } from "../db/database.ts";
import { moveGuest } from "./guest-move.ts";
import type { RoleSettings } from "./role.ts";

/** Where better-auth's own endpoints are; only the callback of the OpenID provider is open to browsers. */
export const AUTH_PATH = "/auth";
/** Name of the one OpenID provider in addresses and rows. */
export const OIDC_PROVIDER = "oidc";
/** Where an OpenID provider sends browsers back to. */
export const OIDC_CALLBACK = `${AUTH_PATH}/callback/${OIDC_PROVIDER}`;
/** A guest has no other way back to their playgrounds than the cookie, so it lasts long. */
const SIGN_IN_SECONDS = 365 * 24 * 60 * 60;
/** NIST SP 800-63B section 3.1.1.2 asks for at least 8 and lets long ones be. */
export const PASSWORD_CHARACTERS = { least: 10, most: 128 } as const;

/** An OpenID provider as the settings name it. */
export interface OidcSettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** On the button. */
  readonly name: string;
}

export interface AuthOptions {
  readonly database: Database;
  readonly secret: string;
  readonly publicUrl: string;
  readonly roles: RoleSettings;
  readonly oidc: OidcSettings | null;
  readonly log: Logger;
}

/** better-auth as we use it. Its "session" is our AuthSession: a sign-in, not what a person launches. */
export function openBetterAuth({ database, secret, publicUrl, oidc, log }: AuthOptions) {
  const isSecure = publicUrl.startsWith("https:");
  return betterAuth({
    appName: "Slipway",
    baseURL: publicUrl,
    basePath: AUTH_PATH,
    secret,
    trustedOrigins: [publicUrl],
    database: prismaAdapter(database, { provider: "postgresql" }),
    session: { modelName: "authSession", expiresIn: SIGN_IN_SECONDS, disableSessionRefresh: true },
    emailAndPassword: {
      enabled: true,
      minPasswordLength: PASSWORD_CHARACTERS.least,
      maxPasswordLength: PASSWORD_CHARACTERS.most,
    },
    account: { encryptOAuthTokens: true },
    onAPIError: { errorURL: `${publicUrl}/account` },
    plugins: [
      anonymous({
        generateName: () => `guest-${randomInt(1000, 10_000)}`,
        // The guest's row goes in the same transaction as their things.
        disableDeleteAnonymousUser: true,
        onLinkAccount: ({ anonymousUser, newUser }) =>
          moveGuest(database, anonymousUser.user.id, newUser.user.id),
      }),
      genericOAuth({ config: oidc === null ? [] : [oidcConfig(oidc)] }),
    ],
    advanced: cookieSettings(isSecure),
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    logger: {
      level: "warn",
      log: (level, message) => log[level === "error" ? "error" : "warn"]({ source: "auth" }, message),
    },
  } satisfies BetterAuthOptions);
}

const cookieSettings = (isSecure: boolean) => ({
  useSecureCookies: false,
  // __Host-: a previewed page on a sibling domain can't plant a cookie of this name (RFC 6265bis section 4.1.3.2).
  cookiePrefix: isSecure ? "__Host-slipway" : "slipway",
  defaultCookieAttributes: { httpOnly: true, sameSite: "lax" as const, path: "/", secure: isSecure },
});

/** Identity tokens are checked against the provider's keys, with a nonce; codes are bound by PKCE. */
const oidcConfig = ({ issuer, clientId, clientSecret }: OidcSettings) => ({
  providerId: OIDC_PROVIDER,
  discoveryUrl: `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`,
  requireIdTokenVerification: true,
  clientId,
  clientSecret,
  scopes: ["openid", "profile", "email"],
  pkce: true,
});

export type BetterAuth = ReturnType<typeof openBetterAuth>;
