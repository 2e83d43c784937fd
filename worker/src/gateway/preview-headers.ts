import type { IncomingHttpHeaders } from "node:http";
import { PREVIEW_COOKIE } from "@slipway/protocol";

/** Fields between two neighbours only, besides those that `Connection` names (RFC 9110 section 7.6.1). */
const HOP_BY_HOP = [
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "upgrade",
];
/** Cookies of our name that are looked at; pages of other previews can plant more. */
const MOST_TICKETS = 4;

/** The tickets that a `Cookie` header holds. */
export function ticketsOf(cookie: string | undefined): string[] {
  return pairs(cookie)
    .filter((pair) => pair.startsWith(`${PREVIEW_COOKIE}=`))
    .map((pair) => pair.slice(PREVIEW_COOKIE.length + 1))
    .slice(0, MOST_TICKETS);
}

/** A `Cookie` header without our own; undefined when nothing is left. */
export function withoutTicket(cookie: string | undefined): string | undefined {
  const kept = pairs(cookie).filter((pair) => pair.split("=", 1)[0]?.trim() !== PREVIEW_COOKIE);
  return kept.length === 0 ? undefined : kept.join("; ");
}

/**
 * Cookies that a container sets, limited to the host that set them: without `Domain` (RFC 6265 section 4.1.2.3), or else
 * they would reach other previews and the app itself. One of our own name is dropped.
 */
export function hostOnly(setCookie: readonly string[]): string[] {
  return setCookie
    .filter((cookie) => cookie.split("=", 1)[0]?.trim() !== PREVIEW_COOKIE)
    .map((cookie) =>
      cookie
        .split(";")
        .filter((attribute, index) => index === 0 || !/^\s*domain\s*(=|$)/i.test(attribute))
        .join(";"),
    );
}

/** Removes what is not for the next hop. A `Connection: upgrade` of a WebSocket stays when `upgrade` is true. */
export function removeHopByHop(headers: IncomingHttpHeaders, upgrade: boolean): void {
  const named = (headers.connection ?? "").split(",").map((name) => name.trim().toLowerCase());
  const protocol = headers.upgrade;
  for (const name of [...HOP_BY_HOP, ...named]) {
    // Framing and addressing are not for a client to remove.
    if (!["", "host", "content-length", "transfer-encoding", "cookie"].includes(name)) delete headers[name];
  }
  if (upgrade && protocol !== undefined) {
    headers.connection = "Upgrade";
    headers.upgrade = protocol;
  }
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

function pairs(cookie: string | undefined): string[] {
  return (cookie ?? "")
    .split(";")
    .map((pair) => pair.trim())
    .filter((pair) => pair !== "");
}
