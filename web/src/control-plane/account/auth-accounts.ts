import { randomBytes } from "node:crypto";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { SlipwayError } from "@slipway/protocol";
import { APIError } from "better-auth/api";
import { fromNodeHeaders, toNodeHandler } from "better-auth/node";
import type { Accounts, Entry, Person } from "./account.ts";
import { type AuthOptions, type BetterAuth, OIDC_PROVIDER, openBetterAuth } from "./auth.ts";
import { type RoleSettings, roleOf } from "./role.ts";

/** Random bytes of a password that the operator hands on. */
const RESET_BYTES = 12;
/** Pause between two attempts to learn about an OpenID provider that did not answer. */
const PROVIDER_RETRY_MS = 5_000;

interface AuthUser {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly emailVerified: boolean;
  readonly isAnonymous?: boolean | null | undefined;
}

/** Accounts by better-auth. */
export function createAuth(options: AuthOptions) {
  const keeper = new ProviderKeeper(options);
  const accounts = new BetterAuthAccounts(options, keeper);
  const handler = async (request: IncomingMessage, response: ServerResponse): Promise<void> =>
    toNodeHandler(await keeper.withProvider())(request, response);
  return { accounts, handler };
}

/** better-auth asks for the provider's addresses once, when it is made. Where there was no answer, it is made again. */
class ProviderKeeper {
  readonly #options: AuthOptions;
  #auth: BetterAuth;
  #madeAt = Date.now();

  constructor(options: AuthOptions) {
    this.#options = options;
    this.#auth = openBetterAuth(options);
  }

  get present(): BetterAuth {
    return this.#auth;
  }

  async withProvider(): Promise<BetterAuth> {
    if (this.#options.oidc === null) return this.#auth;
    const { socialProviders } = await this.#auth.$context;
    const isKnown = socialProviders.some(({ id }) => id === OIDC_PROVIDER);
    if (!isKnown && Date.now() - this.#madeAt > PROVIDER_RETRY_MS) {
      this.#madeAt = Date.now();
      this.#auth = openBetterAuth(this.#options);
      await this.#auth.$context;
    }
    return this.#auth;
  }
}

class BetterAuthAccounts implements Accounts {
  readonly ways: Accounts["ways"];
  readonly #roles: RoleSettings;
  readonly #keeper: ProviderKeeper;

  constructor({ oidc, roles }: AuthOptions, keeper: ProviderKeeper) {
    this.ways = { oidc: oidc?.name ?? null };
    this.#roles = roles;
    this.#keeper = keeper;
  }

  get #api() {
    return this.#keeper.present.api;
  }

  async identify(headers: IncomingHttpHeaders): Promise<Person | null> {
    if (headers.cookie === undefined) return null;
    const found = await this.#api.getSession({ headers: fromNodeHeaders(headers) });
    return found && this.#personOf(found.user);
  }

  async enterAsGuest(): Promise<Entry> {
    const { headers, response } = await this.#api.signInAnonymous({
      headers: new Headers(),
      returnHeaders: true,
    });
    if (!response) throw new SlipwayError("internal", "No guest account was made.");
    return {
      person: this.#personOf({ ...response.user, isAnonymous: true }),
      cookies: headers.getSetCookie(),
    };
  }

  async signUp(headers: IncomingHttpHeaders, body: Parameters<Accounts["signUp"]>[1]): Promise<Entry> {
    const made = await typed(
      this.#api.signUpEmail({ body, headers: fromNodeHeaders(headers), returnHeaders: true }),
    );
    return { person: this.#personOf(made.response.user), cookies: made.headers.getSetCookie() };
  }

  async signIn(headers: IncomingHttpHeaders, body: Parameters<Accounts["signIn"]>[1]): Promise<Entry> {
    const come = await typed(
      this.#api.signInEmail({ body, headers: fromNodeHeaders(headers), returnHeaders: true }),
    );
    return { person: this.#personOf(come.response.user), cookies: come.headers.getSetCookie() };
  }

  async signOut(headers: IncomingHttpHeaders): Promise<readonly string[]> {
    const gone = await typed(this.#api.signOut({ headers: fromNodeHeaders(headers), returnHeaders: true }));
    return gone.headers.getSetCookie();
  }

  async changePassword(
    headers: IncomingHttpHeaders,
    { present, next }: Parameters<Accounts["changePassword"]>[1],
  ): Promise<readonly string[]> {
    const body = { currentPassword: present, newPassword: next, revokeOtherSessions: true };
    const changed = await typed(
      this.#api.changePassword({ body, headers: fromNodeHeaders(headers), returnHeaders: true }),
    );
    return changed.headers.getSetCookie();
  }

  async startOidc(headers: IncomingHttpHeaders, to: string) {
    const auth = await this.#keeper.withProvider();
    const body = {
      provider: OIDC_PROVIDER,
      callbackURL: to,
      errorCallbackURL: "/account",
      disableRedirect: true,
    };
    const started = await auth.api
      .signInSocial({ body, headers: fromNodeHeaders(headers), returnHeaders: true })
      .catch((cause: unknown) => {
        throw new SlipwayError("sign-in-unavailable", "The OpenID provider can't be asked.", { cause });
      });
    const { url } = started.response;
    if (url === undefined) throw new SlipwayError("sign-in-unavailable", "The provider has no address.");
    return { url, cookies: started.headers.getSetCookie() };
  }

  async proveEmail(userId: string): Promise<void> {
    const { internalAdapter } = await this.#keeper.present.$context;
    await internalAdapter.updateUser(userId, { emailVerified: true });
  }

  async resetPassword(userId: string): Promise<string> {
    const { internalAdapter, password: hashing } = await this.#keeper.present.$context;
    const chosen = randomBytes(RESET_BYTES).toString("base64url");
    const password = await hashing.hash(chosen);
    if (await internalAdapter.findCredentialAccount(userId)) {
      await internalAdapter.updatePassword(userId, password);
    } else {
      const account = { userId, providerId: "credential", accountId: userId, password };
      await internalAdapter.createAccount(account);
    }
    await internalAdapter.deleteUserSessions(userId);
    return chosen;
  }

  async isPassword(userId: string, password: string): Promise<boolean> {
    const { internalAdapter, password: hashing } = await this.#keeper.present.$context;
    const account = await internalAdapter.findCredentialAccount(userId);
    return !account?.password || hashing.verify({ hash: account.password, password });
  }

  #personOf({ id, name, email, emailVerified, isAnonymous }: AuthUser): Person {
    const guest = isAnonymous === true;
    const role = roleOf({ email, emailVerified, isAnonymous }, this.#roles);
    return { id, guest, name, email: guest ? null : email, emailProved: emailVerified, role };
  }
}

/** better-auth's refusals as ours. */
async function typed<Answer>(answer: Promise<Answer>): Promise<Answer> {
  try {
    return await answer;
  } catch (thrown) {
    if (!(thrown instanceof APIError)) throw thrown;
    throw refusal(String(thrown.body?.code ?? ""), thrown);
  }
}

function refusal(code: string, cause: unknown): unknown {
  switch (code) {
    case "USER_ALREADY_EXISTS":
    case "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL":
      return new SlipwayError("email-taken", "There is an account with this address.", { cause });
    case "INVALID_EMAIL_OR_PASSWORD":
    case "INVALID_PASSWORD":
    case "CREDENTIAL_ACCOUNT_NOT_FOUND":
      return new SlipwayError("sign-in-failed", "The address or the password is wrong.", { cause });
    default:
      return cause;
  }
}
