import type { IncomingMessage, ServerResponse } from "node:http";
import { type SessionId, SlipwayError, sessionIdSchema } from "@slipway/protocol";
import { z } from "zod";
import type { OpenLink } from "../link/link.ts";
import { LINK_PREFIX } from "../link/link-store.ts";
import type { Services } from "../trpc.ts";
import { answerText } from "./answers.ts";
import { localPath } from "./local-path.ts";

/** Where the gateway leads people whose ticket for a preview is missing or over. */
export const RENEWAL_PATH = "/preview";
/** Pages that say why there is nothing; they answer with the fitting status. */
const GONE_PAGE = "/link-gone";
const REFUSED_PAGE = "/preview-refused";
/** Longest time that a browser keeps the token of a link to a preview; the link itself ends with its session. */
const COOKIE_SECONDS = 24 * 60 * 60;

const renewalSchema = z.object({
  session: sessionIdSchema,
  port: z
    .string()
    .regex(/^[1-9]\d{0,4}$/)
    .transform(Number)
    .pipe(z.number().max(65_535)),
});

export interface LinkRoutesOptions {
  readonly services: Pick<Services, "accounts" | "ownership" | "links" | "sessions" | "rateLimits">;
  readonly publicUrl: string;
  readonly pages: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
}

/** `/l/<token>`, where links lead, and `/preview`, which gives a new ticket for a preview to whoever may have one. */
export class LinkRoutes {
  readonly #options: LinkRoutesOptions;

  constructor(options: LinkRoutesOptions) {
    this.#options = options;
  }

  matches(pathname: string): boolean {
    return pathname.startsWith(LINK_PREFIX) || pathname === RENEWAL_PATH;
  }

  async request(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== "GET" && request.method !== "HEAD")
      return answerText(response, 405, "Only GET is possible here.");
    try {
      const address = request.socket.remoteAddress ?? "unknown";
      await this.#options.services.rateLimits.spend("link-use", address);
    } catch (error) {
      if (!(error instanceof SlipwayError)) throw error;
      return answerText(response, 429, "Too many requests.");
    }
    response.setHeader("Cache-Control", "no-store");
    response.setHeader("Referrer-Policy", "no-referrer");
    response.setHeader("X-Robots-Tag", "noindex");
    const { pathname, searchParams } = new URL(`http://slipway.invalid${request.url ?? "/"}`);
    if (pathname === RENEWAL_PATH) return this.#renew(searchParams, request, response);
    return this.#follow(pathname.slice(LINK_PREFIX.length), request, response);
  }

  async #follow(token: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const link = await this.#options.services.links.open(token);
    if (!link) return this.#page(GONE_PAGE, request, response);
    if (link.grant.kind === "terminal") return this.#options.pages(request, response);
    const { port } = link.grant;
    const secure = this.#options.publicUrl.startsWith("https:") ? "; Secure" : "";
    const cookie = `${cookieName(link.sessionId, port)}=${token}; Path=${RENEWAL_PATH}; Max-Age=${COOKIE_SECONDS}`;
    response.setHeader("Set-Cookie", `${cookie}; HttpOnly; SameSite=Lax${secure}`);
    return this.#enter(link.sessionId, port, "/", GONE_PAGE, request, response);
  }

  async #renew(query: URLSearchParams, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const wish = renewalSchema.safeParse({ session: query.get("session"), port: query.get("port") });
    if (!wish.success || !(await this.#maySee(wish.data.session, wish.data.port, request)))
      return this.#page(REFUSED_PAGE, request, response);
    const { session, port } = wish.data;
    return this.#enter(session, port, localPath(query.get("to")), REFUSED_PAGE, request, response);
  }

  /** True for the owner, and for whoever came by a link to this very port that is still good. */
  async #maySee(session: SessionId, port: number, request: IncomingMessage): Promise<boolean> {
    const { accounts, ownership, links } = this.#options.services;
    const person = await accounts.identify(request.headers);
    if (person && (await ownership.session(person.id, session))) return true;
    const token = cookieOf(request.headers.cookie, cookieName(session, port));
    const link = token === null ? null : await links.open(token);
    return link !== null && isFor(link, session, port);
  }

  /** Leads into the preview with a fresh ticket that ends with the session. */
  async #enter(
    session: SessionId,
    port: number,
    to: string,
    otherwise: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const location = await this.#options.services.sessions.previewUrl(session, port, to).catch((error) => {
      if (error instanceof SlipwayError && error.code === "session-missing") return null;
      throw error;
    });
    if (location === null) return this.#page(otherwise, request, response);
    response.writeHead(303, { location }).end();
  }

  #page(pathname: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.url = pathname;
    return this.#options.pages(request, response);
  }
}

/** A page of another preview may plant such a cookie: it opens nothing that its token does not. */
const cookieName = (session: SessionId, port: number): string => `slipway-link-${port}-${session}`;

function cookieOf(header: string | undefined, name: string): string | null {
  const pair = (header ?? "").split(";").find((part) => part.trim().startsWith(`${name}=`));
  return pair === undefined ? null : pair.trim().slice(name.length + 1);
}

const isFor = ({ sessionId, grant }: OpenLink, session: SessionId, port: number): boolean =>
  sessionId === session && grant.kind === "preview" && grant.port === port;
