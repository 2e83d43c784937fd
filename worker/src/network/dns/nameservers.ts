import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import type { Nameserver } from "./upstream.ts";

const RESOLV_CONF = "/etc/resolv.conf";
const PORT = 53;
/** resolv.conf(5): MAXNS. */
const MOST_NAMESERVERS = 3;
/** Where the file names none (resolv.conf(5), "nameserver"). */
const FALLBACK: readonly string[] = ["127.0.0.1"];
/** How long what the file said is believed: a host's network, and its nameservers with it, may change. */
const AGE_MS = 10_000;

/** The host's nameservers, its own loopback ones included: it is the worker that asks them. */
export function hostNameservers(
  read: (file: string) => Promise<string> = (file) => readFile(file, "utf8"),
): () => Promise<readonly Nameserver[]> {
  let servers: Promise<readonly Nameserver[]> | null = null;
  let readAt = 0;
  return () => {
    const now = performance.now();
    if (servers === null || now - readAt > AGE_MS) {
      readAt = now;
      servers = read(RESOLV_CONF).then(parseNameservers, () => parseNameservers(""));
    }
    return servers;
  };
}

/** The `nameserver` lines of a resolv.conf. */
export function parseNameservers(resolvConf: string): Nameserver[] {
  const found = resolvConf.split("\n").flatMap((line) => {
    const address = /^\s*nameserver\s+(\S+)/.exec(line)?.[1];
    return address !== undefined && isIP(address) !== 0 ? [address] : [];
  });
  const addresses = found.length === 0 ? FALLBACK : found.slice(0, MOST_NAMESERVERS);
  return addresses.map((address) => ({ address, port: PORT }));
}
