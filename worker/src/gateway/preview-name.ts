import type { IncomingMessage } from "node:http";
import { parsePreviewHost, type SessionId } from "@slipway/protocol";

/** A port of a session, as a host name says. */
export interface PreviewName {
  readonly session: SessionId;
  readonly port: number;
}

/** Where previews are: what tells their hosts and origins from others. */
export interface PreviewSite {
  readonly scheme: "http" | "https";
  /** With its port where it has one; null until the control plane has said it. */
  readonly domain: string | null;
}

/** Paths of ours on every preview; the container never sees them. */
export const OWN_PATHS = "/.slipway/";

/** True for the address of a page of ours on the preview of this host. */
export function isOwnPage(address: string, host: string): boolean {
  if (!URL.canParse(address)) return false;
  const url = new URL(address);
  return url.host === host.toLowerCase() && url.pathname.startsWith(OWN_PATHS);
}

/** The preview that a request's `Host` names, or null. */
export function previewOf(request: IncomingMessage, { domain }: PreviewSite): PreviewName | null {
  const { host } = request.headers;
  return domain === null || host === undefined ? null : parsePreviewHost(host, domain);
}

/** True when a page of the same session's previews is at this address. */
export function isOfSession(address: string, name: PreviewName, { scheme, domain }: PreviewSite): boolean {
  if (domain === null || !URL.canParse(address)) return false;
  const { protocol, host } = new URL(address);
  return protocol === `${scheme}:` && parsePreviewHost(host, domain)?.session === name.session;
}

/**
 * True when a browser goes to the address to show it in a window of its own (Fetch Metadata, sections 2.1 and 2.2). Browsers
 * without those fields, and all where the site is no secure context, are known by what they accept.
 */
export function isVisit({ method, headers }: IncomingMessage): boolean {
  if (method !== "GET") return false;
  const mode = headers["sec-fetch-mode"];
  if (mode === undefined) return (headers.accept ?? "").includes("text/html");
  return mode === "navigate" && headers["sec-fetch-dest"] === "document";
}

/**
 * True when a page that is not of this session makes the request. Below a real domain all previews are one site to a browser,
 * so SameSite lets the page of one session ask, frame, and where the container allows it read, with the cookies of another.
 * Anybody may link to a preview; all else is for pages of the same session.
 */
export function isForeign(request: IncomingMessage, name: PreviewName, site: PreviewSite): boolean {
  const { origin, referer } = request.headers;
  if (origin !== undefined) return !isOfSession(origin, name, site);
  const relation = request.headers["sec-fetch-site"];
  if (relation === undefined || relation === "same-origin" || relation === "none") return false;
  if (isVisit(request)) return false;
  return referer === undefined || !isOfSession(referer, name, site);
}
