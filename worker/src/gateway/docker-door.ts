import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { DOCKER_PREFIX, type SessionId, SlipwayError, sessionIdSchema } from "@slipway/protocol";
import type { Logger } from "pino";
import type { DockerHosts, GatewayRoute } from "./gateway.ts";
import { answerError, statusOf } from "./route-answers.ts";
import type { TicketVerifier } from "./tickets.ts";

/** Requests of one session at a time, those that wait or follow among them. */
export const MOST_PER_SESSION = 128;
/** What docker would not send and every browser does: its pages have no business here (Fetch standard, section 3.2). */
const OF_BROWSERS = ["origin", "sec-fetch-site"];
const PATH = /^\/([^/]+)\/([^/]+)(\/.*)$/;

export interface DockerDoorOptions {
  readonly tickets: TicketVerifier;
  readonly hosts: DockerHosts;
  readonly log: Logger;
}

/**
 * The Engine API of a session for docker clients elsewhere: `<prefix>/<session>/<ticket>/v1.41/…`. A docker context can carry a path
 * in the address of its host and no header fields, so the ticket is in the path; it is taken off before anybody else sees it.
 */
export class DockerDoor implements GatewayRoute {
  readonly #options: DockerDoorOptions;
  readonly #open = new Map<SessionId, number>();

  constructor(options: DockerDoorOptions) {
    this.#options = options;
  }

  matches(path: string): boolean {
    return path.startsWith(`${DOCKER_PREFIX}/`);
  }

  async request(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const session = await this.#admit(request, response);
      // What a container says must never act where a browser shows it after all.
      response.setHeader("X-Content-Type-Options", "nosniff");
      response.setHeader("Content-Security-Policy", "sandbox; default-src 'none'");
      await this.#options.hosts.request(session, request, response);
    } catch (thrown) {
      this.#options.log.debug({ err: thrown }, "a docker client was not let in");
      answerError(response, thrown);
    }
  }

  /** Answers, whatever happens; never rejects. */
  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    // Whoever takes it over listens for itself.
    const broken = () => socket.destroy();
    socket.on("error", broken);
    try {
      const session = await this.#admit(request, socket);
      await this.#options.hosts.upgrade(session, request, socket, head);
    } catch (thrown) {
      const status = statusOf(thrown);
      socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    }
  }

  /** Whose engine is asked; the request has its own path from then on. `until`: what closes when the request is over. */
  async #admit(request: IncomingMessage, until: Duplex | ServerResponse): Promise<SessionId> {
    if (OF_BROWSERS.some((name) => request.headers[name] !== undefined))
      throw new SlipwayError("forbidden", "This address is for docker clients.");
    const [, name, ticket = "", rest = "/"] =
      PATH.exec((request.url ?? "").slice(DOCKER_PREFIX.length)) ?? [];
    const session = sessionIdSchema.safeParse(name);
    if (!session.success) throw new SlipwayError("session-missing", "This is no session's name.");
    const { grant } = await this.#options.tickets.verify(ticket);
    if (grant.right !== "docker" || grant.session !== session.data)
      throw new SlipwayError("ticket-invalid", "The ticket is for something else.");
    this.#count(session.data, until);
    request.url = rest;
    return session.data;
  }

  #count(session: SessionId, until: Duplex | ServerResponse): void {
    const open = this.#open.get(session) ?? 0;
    if (open >= MOST_PER_SESSION) throw new SlipwayError("rate-limited", "Too many requests at a time.");
    this.#open.set(session, open + 1);
    until.once("close", () => {
      const left = (this.#open.get(session) ?? 1) - 1;
      if (left > 0) this.#open.set(session, left);
      else this.#open.delete(session);
    });
  }
}
