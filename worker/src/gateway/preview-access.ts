import type { IncomingMessage } from "node:http";
import { SlipwayError } from "@slipway/protocol";
import { ticketsOf } from "./preview-headers.ts";
import { isForeign, type PreviewName, type PreviewSite } from "./preview-name.ts";
import type { TicketVerifier, VerifiedTicket } from "./tickets.ts";

/** Who may see a preview: those who hold a ticket for this port of this session, from pages of this session. */
export class PreviewAccess {
  readonly #tickets: TicketVerifier;
  readonly #scheme: PreviewSite["scheme"];
  #domain: string | null = null;

  constructor(tickets: TicketVerifier, scheme: PreviewSite["scheme"]) {
    this.#tickets = tickets;
    this.#scheme = scheme;
  }

  setDomain(domain: string): void {
    this.#domain = domain;
  }

  get site(): PreviewSite {
    return { scheme: this.#scheme, domain: this.#domain };
  }

  /** @throws ticket-invalid, ticket-expired, no-worker, forbidden */
  async admit(name: PreviewName, request: IncomingMessage): Promise<void> {
    await this.verifyCookie(name, request);
    if (isForeign(request, name, this.site)) throw new SlipwayError("forbidden", "a foreign page");
  }

  /** @throws ticket-invalid, ticket-expired, no-worker */
  async verifyCookie(name: PreviewName, request: IncomingMessage): Promise<void> {
    let failure: unknown = new SlipwayError("ticket-invalid", "There is no ticket.");
    for (const ticket of ticketsOf(request.headers.cookie, this.#scheme)) {
      try {
        await this.verify(name, ticket);
        return;
      } catch (thrown) {
        failure = thrown;
      }
    }
    throw failure;
  }

  /** @throws ticket-invalid, ticket-expired, no-worker */
  async verify(name: PreviewName, ticket: string): Promise<VerifiedTicket> {
    const verified = await this.#tickets.verify(ticket);
    const { grant } = verified;
    if (grant.right !== "port" || grant.session !== name.session || grant.port !== name.port) {
      throw new SlipwayError("ticket-invalid", "The ticket is for something else.");
    }
    return verified;
  }
}
