import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type { Accounts, Person } from "./account.ts";

/** How long this process believes a cookie that it has looked up; another process's sign-out is heard after so long at most. */
const REMEMBERED_MS = 30_000;
/** Cookies that are remembered. */
const MOST_REMEMBERED = 10_000;
/** Longer headers are looked up each time, characters. */
const HEADER_CHARACTERS = 4_096;

interface Remembered {
  readonly person: Person;
  readonly until: number;
}

type AuthHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/**
 * Remembers who a cookie is: every request asks, and each answer is two queries. Whatever changes sign-ins or accounts in this
 * process makes it ask anew, so that a sign-out counts at once.
 */
export function rememberPeople(accounts: Accounts, handler: AuthHandler) {
  const known = new Map<string, Remembered>();
  let epoch = 0;
  const forget = () => {
    known.clear();
    epoch += 1;
  };
  /** Also for questions that are under way. */
  const forgetting =
    <Given extends unknown[], Answer>(work: (...given: Given) => Promise<Answer>) =>
    async (...given: Given): Promise<Answer> => {
      forget();
      try {
        return await work(...given);
      } finally {
        forget();
      }
    };
  const remembering: Accounts = {
    ways: accounts.ways,
    enterAsGuest: () => accounts.enterAsGuest(),
    signUp: forgetting((headers, registration) => accounts.signUp(headers, registration)),
    signIn: forgetting((headers, login) => accounts.signIn(headers, login)),
    signOut: forgetting((headers) => accounts.signOut(headers)),
    changePassword: forgetting((headers, change) => accounts.changePassword(headers, change)),
    startOidc: (headers, to) => accounts.startOidc(headers, to),
    proveEmail: forgetting((userId) => accounts.proveEmail(userId)),
    resetPassword: forgetting((userId) => accounts.resetPassword(userId)),
    isPassword: (userId, password) => accounts.isPassword(userId, password),
    async identify(headers: IncomingHttpHeaders) {
      const { cookie } = headers;
      if (cookie === undefined || cookie.length > HEADER_CHARACTERS) return accounts.identify(headers);
      const found = known.get(cookie);
      if (found && found.until > Date.now()) return found.person;
      const asked = epoch;
      const person = await accounts.identify(headers);
      if (person && asked === epoch) {
        if (known.size >= MOST_REMEMBERED) known.clear();
        known.set(cookie, { person, until: Date.now() + REMEMBERED_MS });
      }
      return person;
    },
  };
  return { accounts: remembering, handler: forgetting(handler), forget };
}
