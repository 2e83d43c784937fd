import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";

/**
 * What is wrong with a request that neighbours could read in more than one way, or null. Targets other than a path are for
 * proxies that anybody may use (RFC 9112 section 3.2.2), and with two hosts nobody knows which one the other end takes (3.2).
 */
export function requestProblem(request: IncomingMessage): string | null {
  if (!(request.url ?? "").startsWith("/")) return "The target of a request is a path.";
  const hosts = request.rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === "host");
  return hosts.length > 1 ? "A request has one host." : null;
}

/**
 * True when `Host` is an address or one of these names. Somebody else's name may point here too (DNS rebinding), and its pages
 * would read what they get.
 */
export function isOwnHost(request: IncomingMessage, names: ReadonlySet<string>): boolean {
  const { host } = request.headers;
  if (host === undefined || !URL.canParse(`http://${host}`)) return false;
  const { hostname } = new URL(`http://${host}`);
  return names.has(hostname) || isIP(hostname.replace(/^\[(.*)\]$/, "$1")) !== 0;
}
