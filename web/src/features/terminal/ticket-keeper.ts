/** A ticket that has less time left than this may be expired when it arrives. */
const SPARE_MS = 3_000;

/** When a ticket, a JSON Web Token (RFC 7519), expires; 0 where it doesn't say. */
export function expiryOf(ticket: string): number {
  try {
    const payload = (ticket.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
    const claims: unknown = JSON.parse(atob(payload));
    const exp = claims !== null && typeof claims === "object" && "exp" in claims ? claims.exp : 0;
    return typeof exp === "number" ? exp * 1000 : 0;
  } catch {
    return 0;
  }
}

/**
 * The ticket of one terminal. One that is still valid is used again, so that a connection comes back also while nobody gives
 * out new ones.
 */
export class TicketKeeper {
  readonly #fetch: () => Promise<string>;
  #ticket: string | null = null;

  constructor(fetch: () => Promise<string>) {
    this.#fetch = fetch;
  }

  async get(now = Date.now()): Promise<string> {
    if (this.#ticket === null || expiryOf(this.#ticket) < now + SPARE_MS) this.#ticket = await this.#fetch();
    return this.#ticket;
  }

  /** The worker did not take it. */
  forget(): void {
    this.#ticket = null;
  }
}
