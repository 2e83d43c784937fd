import type { IncomingHttpHeaders } from "node:http";
import type { Role } from "./role.ts";

/** Who asks. Guests have an account like everyone else; they only have not given a name or an address yet. */
export interface Person {
  readonly id: string;
  readonly guest: boolean;
  readonly name: string;
  /** Null for guests. */
  readonly email: string | null;
  /** Whether the address is known to be theirs. Roles are given to such addresses only. */
  readonly emailProved: boolean;
  readonly role: Role;
}

/** Someone who came in, and the `Set-Cookie` values that keep them in. */
export interface Entry {
  readonly person: Person;
  readonly cookies: readonly string[];
}

export interface Registration {
  readonly name: string;
  readonly email: string;
  readonly password: string;
}

/** How people get into an account of this Slipway, beside e-mail and password. */
export interface SignInWays {
  /** Name of the OpenID provider on its button. */
  readonly oidc: string | null;
}

/**
 * Accounts and their sign-in cookies. The cookie is HttpOnly and SameSite=Lax. Who comes in with a guest's cookie takes along
 * all that the guest has, in one transaction; the guest is gone afterwards.
 */
export interface Accounts {
  readonly ways: SignInWays;
  /** The person whom the request's cookie names, or null. */
  identify(headers: IncomingHttpHeaders): Promise<Person | null>;
  enterAsGuest(): Promise<Entry>;
  /** Makes an account. @throws email-taken */
  signUp(headers: IncomingHttpHeaders, registration: Registration): Promise<Entry>;
  /** @throws sign-in-failed, whether the address or the password is wrong */
  signIn(headers: IncomingHttpHeaders, login: Pick<Registration, "email" | "password">): Promise<Entry>;
  /** Ends this sign-in. Answers the cookies that take the browser's away. */
  signOut(headers: IncomingHttpHeaders): Promise<readonly string[]>;
  /** Ends all other sign-ins of the account too. @throws sign-in-failed when the present password is another */
  changePassword(
    headers: IncomingHttpHeaders,
    change: { readonly present: string; readonly next: string },
  ): Promise<readonly string[]>;
  /** Where the OpenID provider asks the person; they come back to `to`. @throws sign-in-unavailable */
  startOidc(
    headers: IncomingHttpHeaders,
    to: string,
  ): Promise<{ readonly url: string; readonly cookies: readonly string[] }>;
  /** Takes the address for proved from now on. */
  proveEmail(userId: string): Promise<void>;
  /** Gives the account a new password, which is the answer, and ends all of its sign-ins. */
  resetPassword(userId: string): Promise<string>;
  /** Whether the password is the account's own. Accounts without a password: true. */
  isPassword(userId: string, password: string): Promise<boolean>;
}
