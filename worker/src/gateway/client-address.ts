import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";

/** Where proxies of ours are: this machine, or the operator's own network (RFC 1918, 4193, 6598). */
const NEIGHBOURS = new BlockList();
for (const [network, prefix] of [
  ["127.0.0.0", 8],
  ["10.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["100.64.0.0", 10],
] as const)
  NEIGHBOURS.addSubnet(network, prefix, "ipv4");
NEIGHBOURS.addAddress("::1", "ipv6");
NEIGHBOURS.addSubnet("fc00::", 7, "ipv6");

/**
 * The browser's address: the one that the nearest proxy saw, where that proxy can be ours, otherwise the peer's. What stands
 * before it in `X-Forwarded-For` was said by the client and is not believed.
 */
export function clientAddress(request: IncomingMessage): string {
  const peer = plain(request.socket.remoteAddress ?? "");
  const family = isIP(peer);
  if (family === 0 || !NEIGHBOURS.check(peer, family === 4 ? "ipv4" : "ipv6")) return peer;
  const seen = request.headers["x-forwarded-for"];
  const last = plain([seen].flat().join(",").split(",").at(-1)?.trim() ?? "");
  return isIP(last) === 0 ? peer : last;
}

/** An IPv4 address that a dual-stack socket shows as IPv6 (RFC 4291 section 2.5.5.2). */
const plain = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, "");
