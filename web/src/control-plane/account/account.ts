import type { IncomingHttpHeaders } from "node:http";

/** Who asks. Guests have an account like everyone else; they only have not given a name or an address yet. */
export interface Person {
  readonly id: string;
  readonly guest: boolean;
  readonly name: string;
}

/** Accounts and their sign-in cookies. The cookie is HttpOnly and SameSite=Lax. */
export interface Accounts {
  /** The person whom the request's cookie names, or null. */
  identify(headers: IncomingHttpHeaders): Promise<Person | null>;
  /** Makes a guest; `cookies` are `Set-Cookie` values for the response. */
  enterAsGuest(): Promise<{ person: Person; cookies: string[] }>;
}
