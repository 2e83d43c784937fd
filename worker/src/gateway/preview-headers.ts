import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { PREVIEW_COOKIE } from "@slipway/protocol";
import { clientAddress } from "./client-address.ts";
import { isOwnPage, type PreviewSite } from "./preview-name.ts";

/** Fields between two neighbours only, besides those that `Connection` names (RFC 9110 section 7.6.1). */
const HOP_BY_HOP = [
  "connection",
  "http2-settings",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authentication-info",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "upgrade",
];
/** Framing, addressing and cookies are not for a client to remove by naming them in `Connection`. */
const KEPT = new Set(["", "host", "content-length", "transfer-encoding", "cookie", "origin"]);

/**
 * Fields of a container's answer that would speak for more than its own origin, or to somebody else than the browser. What
 * concerns the origin alone is the app's own business: CSP, CORS, frames, service workers, refresh, authentication.
 */
const NOT_FOR_CONTAINERS: readonly RegExp[] = [
  // Later requests of the origin would go to another server (RFC 7838).
  /^alt-svc$/,
  // "cookies" clears the registrable domain, and so signs people out of Slipway (Clear Site Data, section 3.1).
  /^clear-site-data$/,
  // Whether and how connections are encrypted is the operator's choice.
  /^(strict-transport-security|public-key-pins(-report-only)?|expect-ct)$/,
  // Somebody else would be told, for weeks, which addresses people visit, those with tickets included.
  /^(nel|report-to)$/,
  // Orders to a web server in front of us: nginx and others fetch internal files for them.
  /^x-(accel-.*|sendfile|sendfile-type|lighttpd-send-file|litespeed-location)$/,
  // Our own word about our own errors.
  /^x-slipway-/,
];

/**
 * Our cookie. Over https its prefix keeps pages of other previews from planting one for a whole domain (RFC 6265bis section
 * 4.1.3.2); over plain http browsers refuse the prefix.
 */
const SECURE_COOKIE = `__Host-${PREVIEW_COOKIE}`;
/**
 * The ticket of a preview that stands in Slipway's own page, where that is another site for the browser: on this machine
 * (`localhost` has no domain above it), or where previews have a domain of their own. A cookie comes along there only with
 * `SameSite=None`, so it is kept apart by the site on top (CHIPS), and secure, as `localhost` is too for browsers.
 */
const FRAME_COOKIE = `__Host-${PREVIEW_COOKIE}-framed`;
const OURS: ReadonlySet<string> = new Set([PREVIEW_COOKIE, SECURE_COOKIE, FRAME_COOKIE]);
/** What a cookie needs to be kept in a frame of another site. */
const PARTITIONED = "SameSite=None; Secure; Partitioned";
/** Cookies of our name that are looked at; pages of other previews can plant more. */
const MOST_TICKETS = 16;

const cookieName = (scheme: PreviewSite["scheme"]): string =>
  scheme === "https" ? SECURE_COOKIE : PREVIEW_COOKIE;

/** The value of `Set-Cookie` that keeps a ticket; `framed` for a frame in a page of another site. */
export function ticketCookie(
  ticket: string,
  seconds: number,
  scheme: PreviewSite["scheme"],
  framed = false,
): string {
  if (framed) return `${FRAME_COOKIE}=${ticket}; Path=/; Max-Age=${seconds}; HttpOnly; ${PARTITIONED}`;
  const secure = scheme === "https" ? "; Secure" : "";
  return `${cookieName(scheme)}=${ticket}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Lax${secure}`;
}

/** The tickets that a `Cookie` header holds. */
export function ticketsOf(cookie: string | undefined, scheme: PreviewSite["scheme"]): string[] {
  const names = [FRAME_COOKIE, cookieName(scheme)];
  return pairs(cookie)
    .filter((pair) => names.some((name) => pair.startsWith(`${name}=`)))
    .map((pair) => pair.slice(pair.indexOf("=") + 1))
    .slice(0, MOST_TICKETS);
}

/** True for a request out of a frame in a page of another site. */
export const isPartitioned = (cookie: string | undefined): boolean =>
  pairs(cookie).some((pair) => nameOf(pair) === FRAME_COOKIE);

/**
 * Cookies of a container as a browser keeps them in such a frame. What the app wanted SameSite for is done by the gateway: it takes
 * no requests of other sites' pages.
 */
export function partitioned(setCookie: readonly string[]): string[] {
  return setCookie.map((cookie) => {
    const kept = cookie
      .split(";")
      .filter((one, index) => index === 0 || !/^\s*(samesite|secure|partitioned)\s*(=|$)/i.test(one));
    return `${kept.join(";")}; ${PARTITIONED}`;
  });
}

/** A `Cookie` header without our own; undefined when nothing is left. */
export function withoutTicket(cookie: string | undefined): string | undefined {
  const kept = pairs(cookie).filter((pair) => !OURS.has(nameOf(pair)));
  return kept.length === 0 ? undefined : kept.join("; ");
}

/**
 * Cookies that a container sets, limited to the host that set them: without `Domain` (RFC 6265 section 4.1.2.3), or else
 * they would reach other previews and the app itself. One of our own name is dropped, and one without a name, whose value a
 * browser sends back as if it were name and value.
 */
export function hostOnly(setCookie: readonly string[]): string[] {
  return setCookie
    .filter((cookie) => {
      const pair = cookie.split(";", 1)[0] ?? "";
      return pair.includes("=") && nameOf(pair) !== "" && !OURS.has(nameOf(pair));
    })
    .map((cookie) =>
      cookie
        .split(";")
        .filter((attribute, index) => index === 0 || !/^\s*domain\s*(=|$)/i.test(attribute))
        .join(";"),
    );
}

/** Removes what is not for the next hop. */
export function removeHopByHop(headers: IncomingHttpHeaders): void {
  const named = [headers.connection].flat().join(",").split(",");
  for (const name of [...HOP_BY_HOP, ...named.map((one) => one.trim().toLowerCase())]) {
    if (!KEPT.has(name)) delete headers[name];
  }
}

/**
 * Makes a request what a container may see: its own cookies and no ticket, nothing of earlier hops, and who asked for which
 * site by our word alone. `Authorization` is the app's. `Expect` was answered when the request came in.
 */
export function cleanRequest(request: IncomingMessage, site: PreviewSite, upgrade: boolean): void {
  const { headers } = request;
  const address = clientAddress(request);
  removeHopByHop(headers);
  for (const name of Object.keys(headers)) {
    if (name === "forwarded" || name.startsWith("x-forwarded-") || name === "x-real-ip") delete headers[name];
  }
  delete headers.expect;
  const cookie = withoutTicket(headers.cookie);
  if (cookie === undefined) delete headers.cookie;
  else headers.cookie = cookie;
  const { host = "", referer } = headers;
  if (referer !== undefined && isOwnPage(referer, host)) delete headers.referer;
  headers["x-forwarded-for"] = address;
  headers["x-forwarded-host"] = host;
  headers["x-forwarded-proto"] = site.scheme;
  headers["x-forwarded-port"] = /:(\d+)$/.exec(host)?.[1] ?? (site.scheme === "https" ? "443" : "80");
  // One connection, one request.
  headers.connection = upgrade ? "Upgrade" : "close";
  if (upgrade) headers.upgrade = "websocket";
}

/**
 * Makes a container's answer what a browser may see. How it is framed is between us and the browser: whatever the container
 * said about it was for its own connection.
 */
export function cleanResponse(response: IncomingMessage, upgrade: boolean): void {
  const { headers } = response;
  removeHopByHop(headers);
  if (headers["transfer-encoding"] !== undefined) delete headers["content-length"];
  if (upgrade) delete headers["content-length"];
  delete headers["transfer-encoding"];
  for (const name of Object.keys(headers)) {
    if (NOT_FOR_CONTAINERS.some((pattern) => pattern.test(name))) delete headers[name];
  }
  const cookies = headers["set-cookie"];
  if (cookies !== undefined) headers["set-cookie"] = hostOnly(cookies);
  if (upgrade) {
    headers.connection = "Upgrade";
    headers.upgrade = "websocket";
    return;
  }
  // Pages of one site may not open themselves to one another by document.domain (HTML standard, section 7.1.3).
  headers["origin-agent-cluster"] = "?1";
  // A reason is for people; one with bytes that no header may have is left out.
  if (/[^\t\x20-\x7e\x80-\xff]/.test(response.statusMessage ?? "")) response.statusMessage = "";
}

/** The path to go to after entering: one of this origin, whatever was asked (`//host` and `/\host` are not paths). */
export function localPath(to: string | null): string {
  if (to === null || !to.startsWith("/")) return "/";
  const origin = "http://preview.invalid";
  try {
    const url = new URL(to, origin);
    return url.origin === origin && url.pathname.startsWith("/") && !url.pathname.startsWith("//")
      ? url.pathname + url.search + url.hash
      : "/";
  } catch {
    return "/";
  }
}

const nameOf = (pair: string): string => pair.split("=", 1)[0]?.trim() ?? "";

function pairs(cookie: string | undefined): string[] {
  return (cookie ?? "")
    .split(";")
    .map((pair) => pair.trim())
    .filter((pair) => pair !== "");
}
