import { BlockList, isIP, isIPv4 } from "node:net";
import { networkInterfaces } from "node:os";

/**
 * What nothing that a stranger names may lead to, be it from a session or from the worker itself: "this network", private,
 * shared (CGNAT), loopback, link-local (with the metadata services of clouds), protocol assignments, benchmarking,
 * multicast, reserved and broadcast addresses (RFC 6890, RFC 1918, RFC 6598, RFC 3927).
 */
export const REFUSED_IPV4: readonly string[] = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "224.0.0.0/4",
  "240.0.0.0/4",
];

/** All of IPv6 that is handed out for the internet (RFC 4291, 2.4); everything else is refused. */
const GLOBAL_IPV6: readonly string[] = ["2000::/3"];
/** Inside of it: protocol assignments with Teredo, documentation, and 6to4, which wraps any IPv4 address. */
const REFUSED_IPV6: readonly string[] = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"];

/** `::ffff:1.2.3.4` in the two ways to write it (RFC 4291, 2.5.5.2); URL and sockets normalise all others to these. */
const MAPPED = /^::ffff:(?:(\d+\.\d+\.\d+\.\d+)|([0-9a-f]{1,4}):([0-9a-f]{1,4}))$/i;

/** An address or a prefix: `10.0.0.1`, `10.0.0.0/8`, `fd00::/8`. */
export function isAddressRange(text: string): boolean {
  const [address = "", bits, ...rest] = text.split("/");
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

/** How long this machine's own addresses are believed; with an interface for each session, reading them takes a while. */
const OWN_AGE_MS = 1_000;

/** Which addresses the worker may connect to for somebody else. */
export class AddressRules {
  readonly #opened: BlockList;
  readonly #refused: BlockList;
  readonly #global = ranges(GLOBAL_IPV6);
  #own: ReadonlySet<string> = new Set();
  #ownReadAt = Number.NEGATIVE_INFINITY;

  /**
   * @param opened addresses or prefixes that the operator opens although they are refused otherwise
   * @param refused ones that are refused beside the lists above: the pool of the sessions
   */
  constructor(opened: readonly string[], refused: readonly string[]) {
    this.#opened = ranges(opened);
    this.#refused = ranges([...REFUSED_IPV4, ...REFUSED_IPV6, ...refused]);
  }

  /** False for what is no address, too. The addresses of this machine are refused, whatever they are. */
  permits(address: string): boolean {
    const plain = unmapped(address);
    const family = isIP(plain) === 6 ? "ipv6" : "ipv4";
    if (isIP(plain) === 0 || plain.includes("%")) return false;
    if (this.#opened.check(plain, family)) return true;
    if (this.#refused.check(plain, family) || this.#isOwn(plain)) return false;
    return family === "ipv4" || this.#global.check(plain, family);
  }

  #isOwn(address: string): boolean {
    const now = performance.now();
    if (now - this.#ownReadAt > OWN_AGE_MS) {
      this.#ownReadAt = now;
      const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
      this.#own = new Set(all.map((own) => own.address));
    }
    return this.#own.has(address);
  }
}

/** The IPv4 address in an IPv4-mapped one; others as they are. */
function unmapped(address: string): string {
  const [, dotted, high, low] = MAPPED.exec(address) ?? [];
  if (dotted !== undefined) return dotted;
  if (high === undefined || low === undefined) return address;
  const value = Number.parseInt(high, 16) * 0x1_0000 + Number.parseInt(low, 16);
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255].join(".");
}

function ranges(list: readonly string[]): BlockList {
  const blocks = new BlockList();
  for (const entry of list) {
    const [address = "", bits] = entry.split("/");
    const family = isIPv4(address) ? "ipv4" : "ipv6";
    blocks.addSubnet(address, Number(bits ?? (family === "ipv4" ? 32 : 128)), family);
  }
  return blocks;
}
