import type { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import {
  PREVIEW_COOKIE,
  PREVIEW_ENTER_PATH,
  parsePreviewHost,
  type SessionId,
  SlipwayError,
} from "@slipway/protocol";
import { createProxyServer, type ProxyServer } from "httpxy";
import type { Logger } from "pino";
import { ContainerAgent } from "./container-agent.ts";
import type { PreviewTargets } from "./gateway.ts";
import { hostOnly, localPath, removeHopByHop, ticketsOf, withoutTicket } from "./preview-headers.ts";
import { answerProblem, type PreviewProblem, refuseUpgrade } from "./preview-pages.ts";
import type { TicketVerifier, VerifiedTicket } from "./tickets.ts";

/** Longest silence of a container, before its answer or in it. */
const SILENCE_TIMEOUT_MS = 120_000;
/** Longest wait for a container to take a WebSocket. */
const UPGRADE_TIMEOUT_MS = 15_000;
/** A ticket is a cookie, and browsers hold 4096 bytes of one (RFC 6265 section 6.1). */
const TICKET_CHARACTERS = 3_500;
const SAFE_METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/** A port of a session, as a host name says. */
export interface PreviewName {
  readonly session: SessionId;
  readonly port: number;
}

export interface PreviewsOptions {
  readonly tickets: TicketVerifier;
  readonly targets: PreviewTargets;
  readonly publicUrl: string;
  readonly log: Logger;
  /** Called once per request with how it went: `proxied`, `entered`, or an error's code. */
  readonly observe: (outcome: string) => void;
}

/** Ports of sessions, each on an origin of its own. What comes from a container is passed on and never trusted. */
export class Previews {
  readonly #options: PreviewsOptions;
  readonly #agent = new ContainerAgent();
  readonly #proxy: ProxyServer;
  readonly #scheme: string;
  #domain: string | null = null;

  constructor(options: PreviewsOptions) {
    this.#options = options;
    this.#scheme = new URL(options.publicUrl).protocol.slice(0, -1);
    this.#proxy = createProxyServer({ xfwd: true, proxyTimeout: SILENCE_TIMEOUT_MS, agent: this.#agent });
    this.#proxy.on("proxyRes", (response) => cleanResponse(response, false));
    // First in line, before the proxy itself writes what the container answered.
    this.#proxy.on("proxyReqWs", (request) => {
      request.prependListener("upgrade", (response: IncomingMessage) => cleanResponse(response, true));
      request.prependListener("response", (response: IncomingMessage) => cleanResponse(response, false));
    });
  }

  /** Domain of previews, with its port where it has one. */
  setDomain(domain: string): void {
    this.#domain = domain;
  }

  /** The port that the request's host names, or null when it is none of a preview. */
  nameOf(request: IncomingMessage): PreviewName | null {
    const { host } = request.headers;
    return this.#domain === null || host === undefined ? null : parsePreviewHost(host, this.#domain);
  }

  async request(name: PreviewName, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path, query] = (request.url ?? "").split("?", 2);
    try {
      if (path === PREVIEW_ENTER_PATH) {
        await this.#enter(name, new URLSearchParams(query), response);
        this.#options.observe("entered");
        return;
      }
      const target = await this.#admit(name, request, !SAFE_METHODS.has(request.method ?? ""));
      this.#prepare(request, false);
      await this.#proxy.web(request, response, { target });
      this.#options.observe("proxied");
    } catch (thrown) {
      const problem = this.#problem(name, thrown);
      answerProblem(request, response, problem, this.#options.publicUrl);
    }
  }

  async upgrade(name: PreviewName, request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    // A browser that goes away before the container has answered is no error of ours.
    socket.on("error", () => {});
    try {
      const target = await this.#admit(name, request, true);
      if (!(socket instanceof Socket)) throw new SlipwayError("internal", "not a socket");
      this.#prepare(request, true);
      this.#options.observe("proxied");
      await this.#proxy.ws(request, socket, { target, upgradeTimeout: UPGRADE_TIMEOUT_MS }, head);
    } catch (thrown) {
      refuseUpgrade(socket, this.#problem(name, thrown));
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  /** Turns a ticket in the address into a cookie of this origin, and leads on without it. */
  async #enter(name: PreviewName, query: URLSearchParams, response: ServerResponse): Promise<void> {
    const ticket = query.get("ticket") ?? "";
    const { expiresAt } = await this.#verify(name, ticket);
    const seconds = Math.max(1, Math.floor((expiresAt - Date.now()) / 1000));
    const secure = this.#scheme === "https" ? "; Secure" : "";
    response.writeHead(303, {
      location: localPath(query.get("to")),
      "set-cookie": `${PREVIEW_COOKIE}=${ticket}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Lax${secure}`,
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
    });
    response.end();
  }

  /** The address to go to, for a request that holds a ticket. `guarded`: one that another site must not make. */
  async #admit(name: PreviewName, request: IncomingMessage, guarded: boolean): Promise<string> {
    await this.#verifyAny(name, ticketsOf(request.headers.cookie));
    if (guarded && this.#isForeign(name, request)) throw new SlipwayError("forbidden", "a foreign origin");
    const address = this.#options.targets.address(name.session);
    if (address === null) throw new SlipwayError("session-missing", "The session is not here.");
    return `http://${address}:${name.port}`;
  }

  async #verifyAny(name: PreviewName, tickets: readonly string[]): Promise<void> {
    let failure: unknown = new SlipwayError("ticket-invalid", "There is no ticket.");
    for (const ticket of tickets) {
      try {
        await this.#verify(name, ticket);
        return;
      } catch (thrown) {
        failure = thrown;
      }
    }
    throw failure;
  }

  async #verify(name: PreviewName, ticket: string): Promise<VerifiedTicket> {
    if (ticket.length > TICKET_CHARACTERS)
      throw new SlipwayError("ticket-invalid", "The ticket is too long.");
    const verified = await this.#options.tickets.verify(ticket);
    const { grant } = verified;
    if (grant.right !== "port" || grant.session !== name.session || grant.port !== name.port) {
      throw new SlipwayError("ticket-invalid", "The ticket is for something else.");
    }
    return verified;
  }

  /**
   * True when a page that is not of this session makes the request. All previews are one site to a browser, so that
   * SameSite alone would let the page of one session speak with the cookies of another.
   */
  #isForeign(name: PreviewName, request: IncomingMessage): boolean {
    const { origin } = request.headers;
    if (origin === undefined) return false;
    if (this.#domain === null || !URL.canParse(origin)) return true;
    return parsePreviewHost(new URL(origin).host, this.#domain)?.session !== name.session;
  }

  /** Makes the request what the container may see. */
  #prepare(request: IncomingMessage, upgrade: boolean): void {
    const { headers } = request;
    removeHopByHop(headers, upgrade);
    const cookie = withoutTicket(headers.cookie);
    if (cookie === undefined) delete headers.cookie;
    else headers.cookie = cookie;
    headers["x-forwarded-proto"] = this.#scheme;
    headers["x-forwarded-host"] = headers.host ?? "";
  }

  #problem(name: PreviewName, thrown: unknown): PreviewProblem {
    const problem = problemOf(name, thrown);
    this.#options.observe(problem.code);
    this.#options.log.debug({ err: thrown, ...name }, "a preview could not be shown");
    return problem;
  }
}

function problemOf(name: PreviewName, thrown: unknown): PreviewProblem {
  if (thrown instanceof SlipwayError) {
    const { code } = thrown;
    switch (code) {
      case "ticket-invalid":
      case "ticket-expired":
      case "session-missing":
      case "no-worker":
      case "forbidden":
        return { code };
    }
  }
  const timedOut = thrown instanceof Error && "code" in thrown && thrown.code === "ETIMEDOUT";
  return { code: "port-unreachable", port: name.port, timedOut };
}

/** Makes the container's answer what the browser may see. */
function cleanResponse(response: IncomingMessage, upgrade: boolean): void {
  removeHopByHop(response.headers, upgrade);
  const cookies = response.headers["set-cookie"];
  if (cookies !== undefined) response.headers["set-cookie"] = hostOnly(cookies);
}
