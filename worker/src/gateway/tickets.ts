import { createHash } from "node:crypto";
import {
  SlipwayError,
  TICKET_ALGORITHM,
  TICKET_ISSUER,
  type TicketGrant,
  type TicketPublicKey,
  ticketGrantSchema,
} from "@slipway/protocol";
import { type CryptoKey, errors, importJWK, jwtVerify } from "jose";

/** Time that an early caller waits for the key, which comes with the control plane's first `welcome`. */
const KEY_WAIT_MS = 5_000;
/** Difference of clocks between control plane and worker that is forgiven, seconds. */
export const CLOCK_TOLERANCE_S = 5;
/** Longest ticket: it is a preview's cookie too, and browsers hold 4096 bytes of one (RFC 6265 section 6.1). */
const TICKET_CHARACTERS = 3_500;
/** Tickets whose signature is remembered: a preview shows the same one with every request. */
const REMEMBERED = 1_000;

export interface VerifiedTicket {
  readonly grant: TicketGrant;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** Checks tickets: signature, issuer, expiry and form. What a ticket is good for is for the caller to compare. */
export class TicketVerifier {
  #key: Promise<CryptoKey | Uint8Array>;
  #giveKey: (key: Promise<CryptoKey | Uint8Array>) => void = () => {};
  readonly #remembered = new Map<string, VerifiedTicket>();

  constructor() {
    this.#key = new Promise((resolve) => {
      this.#giveKey = resolve;
    });
  }

  /** The key of the control plane; another one makes all tickets of the last one invalid. */
  setKey(jwk: TicketPublicKey): void {
    const key = importJWK(jwk, TICKET_ALGORITHM);
    this.#giveKey(key);
    this.#key = key;
    this.#remembered.clear();
  }

  /** @throws ticket-expired, ticket-invalid, or no-worker when this worker has not been welcomed yet */
  async verify(ticket: string): Promise<VerifiedTicket> {
    if (ticket.length > TICKET_CHARACTERS)
      throw new SlipwayError("ticket-invalid", "The ticket is too long.");
    const digest = createHash("sha256").update(ticket).digest("base64");
    const remembered = this.#remembered.get(digest);
    if (remembered !== undefined && remembered.expiresAt > Date.now()) return remembered;
    const verified = await this.#check(ticket);
    if (this.#remembered.size >= REMEMBERED) this.#remembered.clear();
    this.#remembered.set(digest, verified);
    return verified;
  }

  async #check(ticket: string): Promise<VerifiedTicket> {
    const key = await this.#waitForKey();
    try {
      const { payload } = await jwtVerify(ticket, key, {
        issuer: TICKET_ISSUER,
        algorithms: [TICKET_ALGORITHM],
        requiredClaims: ["exp", "iat"],
        clockTolerance: CLOCK_TOLERANCE_S,
      });
      if ((payload.iat ?? 0) > Date.now() / 1000 + CLOCK_TOLERANCE_S) throw new Error("issued in the future");
      return { grant: ticketGrantSchema.parse(payload), expiresAt: (payload.exp ?? 0) * 1000 };
    } catch (error) {
      if (error instanceof errors.JWTExpired) {
        throw new SlipwayError("ticket-expired", "The ticket has expired.", { cause: error });
      }
      throw new SlipwayError("ticket-invalid", "The ticket is not one of this Slipway.", { cause: error });
    }
  }

  async #waitForKey(): Promise<CryptoKey | Uint8Array> {
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<never>((_, reject) => {
      const error = new SlipwayError("no-worker", "The worker has not joined its control plane yet.");
      timer = setTimeout(() => reject(error), KEY_WAIT_MS);
    });
    try {
      return await Promise.race([this.#key, tooLate]);
    } finally {
      clearTimeout(timer);
    }
  }
}
