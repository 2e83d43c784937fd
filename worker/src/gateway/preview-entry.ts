import type { IncomingMessage, ServerResponse } from "node:http";
import { PREVIEW_ENTER_PATH, SlipwayError } from "@slipway/protocol";
import type { PreviewAccess } from "./preview-access.ts";
import { localPath, ticketCookie } from "./preview-headers.ts";
import { isVisit, OWN_PATHS, type PreviewName } from "./preview-name.ts";
import { onwardPage } from "./preview-pages.ts";

/** Where `enter` leads, to see whether the browser has kept the cookie. */
const ENTERED_PATH = `${OWN_PATHS}entered`;
/** Longest way back that is remembered while a ticket is renewed, characters. */
const RETURN_CHARACTERS = 2_048;
/** A page of Slipway that gives whoever may have one a new ticket and leads back to `enter`. */
const RENEWAL_PATH = "/preview";

export const isOwnPath = (path: string): boolean => path.startsWith(OWN_PATHS);

/**
 * Turns a ticket in the address into a cookie of the preview's origin, in two steps that leave no ticket in the address: `enter`
 * sets the cookie, `entered` goes on only when it has come back. So a browser that keeps no cookies gets a page and not a circle.
 * In a frame, `entered` is a page that goes on by itself: what follows is then asked for by the preview's own origin, and the rule
 * that all else is for pages of the same session needs no exception.
 */
export async function enter(
  access: PreviewAccess,
  publicUrl: string,
  name: PreviewName,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [path, text] = (request.url ?? "").split("?", 2);
  const query = new URLSearchParams(text);
  const to = localPath(query.get("to"));
  const { "sec-fetch-dest": destination = "document", "sec-fetch-site": relation } = request.headers;
  const framed = destination === "iframe";
  if (request.method !== "GET" || (destination !== "document" && !framed))
    throw new SlipwayError("forbidden", "A preview is entered by going there.");
  if (path === ENTERED_PATH) {
    await access.verifyCookie(name, request);
    return framed ? onwardPage(response, to, publicUrl) : lead(response, to);
  }
  if (path !== PREVIEW_ENTER_PATH) throw new SlipwayError("forbidden", "There is nothing here.");
  const ticket = query.get("ticket") ?? "";
  const { expiresAt } = await access.verify(name, ticket);
  const seconds = Math.max(1, Math.floor((expiresAt - Date.now()) / 1000));
  const isOtherSite = framed && relation === "cross-site";
  response.setHeader("set-cookie", ticketCookie(ticket, seconds, access.site.scheme, isOtherSite));
  lead(response, `${ENTERED_PATH}?${new URLSearchParams({ to })}`);
}

/**
 * Leads a person whose ticket is missing or over to where they may get one. Only once per visit, since `enter` itself never does;
 * only a person who goes there, since a page's requests can't follow.
 */
export function renew(
  publicUrl: string,
  name: PreviewName,
  request: IncomingMessage,
  response: ServerResponse,
): boolean {
  const to = request.url ?? "/";
  if (!isVisit(request) || isOwnPath(to)) return false;
  const url = new URL(RENEWAL_PATH, publicUrl);
  url.searchParams.set("session", name.session);
  url.searchParams.set("port", String(name.port));
  url.searchParams.set("to", to.length > RETURN_CHARACTERS ? "/" : localPath(to));
  lead(response, url.href);
  return true;
}

function lead(response: ServerResponse, location: string): void {
  response.writeHead(303, {
    location,
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
  });
  response.end();
}
