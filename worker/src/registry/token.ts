import type { RegistryCredential } from "@slipway/protocol";
import { z } from "zod";
import type { Outbound } from "../outbound/outbound.ts";
import { readDocument } from "./answer.ts";
import type { Challenge } from "./challenge.ts";
import { registryError } from "./failure.ts";
import { type Endpoint, MAX_REDIRECTS, type Patience } from "./registry.ts";

/** What a person types at `docker login`. */
export type Login = Pick<RegistryCredential, "username" | "password">;

/** Answer of a token service (distribution, "Token Authentication Specification"). */
const tokenAnswerSchema = z
  .object({
    token: z.string().min(1).max(65_536).optional(),
    access_token: z.string().min(1).max(65_536).optional(),
    expires_in: z.number().positive().optional(),
  })
  .transform((answer, context) => {
    const value = answer.token ?? answer.access_token;
    if (value === undefined || !/^[\x21-\x7e]+$/.test(value)) {
      context.addIssue("there is no token");
      return z.NEVER;
    }
    return { value, seconds: answer.expires_in ?? DEFAULT_SECONDS };
  });

/** Where the service does not say how long a token is good. */
const DEFAULT_SECONDS = 60;
/** A token that ends this soon counts as ended: the request has to arrive in time. */
const MARGIN_MS = 10_000;
const MAX_TOKEN_BYTES = 128 * 1024;

export interface Token {
  readonly value: string;
  /** Of performance.now(). */
  readonly endsMs: number;
}

export interface TokenRequest {
  readonly outbound: Outbound;
  readonly endpoint: Endpoint;
  readonly patience: Patience;
  readonly challenge: Challenge;
  readonly scopes: readonly string[];
  readonly login: Login | null;
  readonly signal: AbortSignal;
}

/** Asks the token service that a challenge names. Rejects with `registry-unauthorized` where it gives none. */
export async function fetchToken(request: TokenRequest): Promise<Token> {
  const { outbound, endpoint, patience, challenge, login, signal } = request;
  const response = await outbound.request(tokenUrl(request), {
    authorization: login && basic(login),
    headers: { accept: "application/json" },
    limits: {
      headersMs: patience.headersMs,
      idleMs: patience.idleMs,
      totalMs: patience.answerMs,
      minBytesPerSecond: 0,
      maxBytes: MAX_TOKEN_BYTES,
      maxRedirects: MAX_REDIRECTS,
    },
    signal,
  });
  if (response.status !== 200) {
    await response.discard();
    const reason = `the token service ${challenge.parameters.get("realm")} answers ${response.status}`;
    if (response.status === 429) throw registryError("registry-busy", endpoint, reason);
    const refused = response.status >= 400 && response.status < 500;
    throw registryError(refused ? "registry-unauthorized" : "registry-failed", endpoint, reason);
  }
  const parsed = tokenAnswerSchema.safeParse(await readDocument(response));
  if (!parsed.success) {
    throw registryError("registry-failed", endpoint, "the token service gives no token", parsed.error);
  }
  const { value, seconds } = parsed.data;
  return { value, endsMs: performance.now() + seconds * 1000 };
}

/** Whether a token is still good for a request that begins now. */
export const isGood = (token: Token): boolean => token.endsMs - MARGIN_MS > performance.now();

export function basic({ username, password }: Login): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

function tokenUrl({ endpoint, challenge, scopes, login }: TokenRequest): URL {
  const realm = challenge.parameters.get("realm") ?? "";
  if (!URL.canParse(realm)) {
    throw registryError("registry-failed", endpoint, "it names a token service that is no URL");
  }
  const url = new URL(realm);
  const service = challenge.parameters.get("service");
  if (service !== undefined) url.searchParams.set("service", service);
  for (const scope of scopes) url.searchParams.append("scope", scope);
  if (login) url.searchParams.set("account", login.username);
  return url;
}
