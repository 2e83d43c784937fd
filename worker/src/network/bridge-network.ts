import { z } from "zod";
import {
  contains,
  formatIpv4,
  formatPrefix,
  overlap,
  type Prefix,
  parseIpv4,
  parsePrefix,
  sizeOf,
} from "./ipv4.ts";

/** A network of a session's own: a bridge in its host namespace, with addresses that mean something there alone. */
export const bridgeNetworkSchema = z.object({
  /** 12 hexadecimal digits, unique in the session; its bridge is called `br-<id>`, as Docker does. */
  id: z.string().regex(/^[0-9a-f]{12}$/),
  /** CIDR. */
  subnet: z.string(),
  /** Of the subnet: the host namespace. */
  gateway: z.string(),
  /** Part of the subnet that addresses are given of when none is asked for, CIDR; null: all of it. */
  range: z.string().nullable(),
  /** Addresses of the subnet that somebody outside of it has: no container is given one. */
  reserved: z.array(z.string()).optional(),
  /** Nothing goes from it to the outside or the other way, but for the questions of its containers to the resolver. */
  internal: z.boolean(),
});
export type BridgeNetwork = z.infer<typeof bridgeNetworkSchema>;

/** Subnets for who asks for none: Docker's own, but for 172.17.0.0/16, which people know as its default bridge. */
const DEFAULTS: readonly string[] = [
  ...Array.from({ length: 14 }, (_, index) => `172.${18 + index}.0.0/16`),
  ...Array.from({ length: 16 }, (_, index) => `192.168.${16 * index}.0/20`),
];
/** Most networks of one session: as many as there are subnets for who asks for none. */
export const MAX_BRIDGE_NETWORKS = DEFAULTS.length;
/** Shortest and longest prefix of a subnet: the longest has one address beside that of the gateway. */
const PREFIXES = { shortest: 8, longest: 30 };
/** What no subnet may overlap: this network, loopback, and what is no host's address (RFC 6890). */
const NEVER: readonly string[] = ["0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/3"];

export interface AskedSubnet {
  readonly subnet: string | null;
  readonly gateway: string | null;
  readonly range: string | null;
}
export type ChosenSubnet = Pick<BridgeNetwork, "subnet" | "gateway" | "range">;

/**
 * The addresses of a new network. `taken` are those that it may not overlap.
 * @returns a sentence where there are none
 */
export function chooseSubnet(
  asked: AskedSubnet,
  taken: readonly string[],
): ChosenSubnet | { refusal: string } {
  const reserved = [...taken, ...NEVER].flatMap((text) => parsePrefix(text) ?? []);
  const isFree = (prefix: Prefix) => !reserved.some((other) => overlap(prefix, other));
  const subnet =
    asked.subnet === null
      ? DEFAULTS.flatMap((text) => parsePrefix(text) ?? []).find(isFree)
      : parsePrefix(asked.subnet);
  if (subnet === undefined) {
    return {
      refusal:
        "could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network",
    };
  }
  if (subnet === null || subnet.length < PREFIXES.shortest || subnet.length > PREFIXES.longest) {
    return {
      refusal: `invalid subnet ${asked.subnet}: it may be an IPv4 prefix from /${PREFIXES.shortest} to /${PREFIXES.longest}`,
    };
  }
  if (!isFree(subnet)) return { refusal: "Pool overlaps with other one on this address space" };
  const gateway = asked.gateway === null ? subnet.base + 1 : parseIpv4(asked.gateway);
  if (gateway === null || !isHost(subnet, gateway))
    return { refusal: `no matching subnet for gateway ${asked.gateway}` };
  const range = asked.range === null ? null : parsePrefix(asked.range);
  if (
    asked.range !== null &&
    (range === null || !contains(subnet, range.base) || range.length < subnet.length)
  ) {
    return { refusal: `no matching subnet for range ${asked.range}` };
  }
  return {
    subnet: formatPrefix(subnet),
    gateway: formatIpv4(gateway),
    range: range === null ? null : formatPrefix(range),
  };
}

/** True for an address of a subnet that a host may have: neither the first nor the last one. */
const isHost = (subnet: Prefix, address: number): boolean =>
  address > subnet.base && address < subnet.base + sizeOf(subnet) - 1;

/** The address that is wanted, or the first free one; null when there is none. */
export function chooseAddress(
  { subnet, gateway, range, reserved = [] }: BridgeNetwork,
  wanted: string | null,
  taken: ReadonlySet<string>,
): string | null {
  const whole = parsePrefix(subnet);
  if (whole === null) return null;
  const isFree = (address: number) => {
    const text = formatIpv4(address);
    return isHost(whole, address) && text !== gateway && !taken.has(text) && !reserved.includes(text);
  };
  if (wanted !== null) {
    const address = parseIpv4(wanted);
    return address !== null && isFree(address) ? formatIpv4(address) : null;
  }
  const from = (range === null ? null : parsePrefix(range)) ?? whole;
  // Neither its ends, the gateway, nor the taken ones: so many looks find a free one where there is one.
  const looks = Math.min(sizeOf(from), taken.size + reserved.length + 4);
  for (let look = 0; look < looks; look++) if (isFree(from.base + look)) return formatIpv4(from.base + look);
  return null;
}

/** True for an address that a container of the subnet may ask for. */
export function isInSubnet({ subnet }: Pick<BridgeNetwork, "subnet">, address: string): boolean {
  const [prefix, number] = [parsePrefix(subnet), parseIpv4(address)];
  return prefix !== null && number !== null && contains(prefix, number);
}

export const prefixLength = ({ subnet }: Pick<BridgeNetwork, "subnet">): number =>
  parsePrefix(subnet)?.length ?? 0;

/** True for the address of one interface (EUI-48): neither a group's nor nobody's. */
export const isHardwareAddress = (text: string): boolean =>
  /^[0-9a-f][02468ace](:[0-9a-f]{2}){5}$/.test(text) && !/^[0:]+$/.test(text);

/** The hardware address of whoever has this address, as Docker makes it. */
export const macOf = (address: string): string =>
  ["02", "42", ...address.split(".").map((part) => Number(part).toString(16).padStart(2, "0"))].join(":");
