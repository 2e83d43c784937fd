import { formatIpv4, formatPrefix, parseIpv4, parsePrefix, sizeOf } from "./ipv4.ts";

/** Addresses of one session. */
export interface SubnetAddresses {
  /** What the session sends to the worker's end of the uplink; no interface has it. */
  readonly gateway: string;
  /** The session's end of it: the address of its host namespace, and so of its main container. */
  readonly session: string;
  /** The bridge in the host namespace, once there is one. */
  readonly bridge: string;
  /** The bridge's range, CIDR. */
  readonly containers: string;
}

/** Each session has 128 addresses: the first four for the uplink, the upper half for its bridge. */
const SUBNET_ADDRESSES = 128;
const SUBNET_PREFIX = 25;
export const UPLINK_PREFIX = 30;
export const BRIDGE_PREFIX = 26;
const BRIDGE_OFFSET = 64;
const FIRST_CONTAINER_OFFSET = BRIDGE_OFFSET + 2;
/** Most further containers of one session: what the bridge's range has beside the bridge, network and broadcast. */
export const MAX_CONTAINERS = 61;
/** The resolver's address: in the part of the first subnet that is neither uplink nor bridge. */
const SERVICE_OFFSET = 5;

/** A pool of IPv4 addresses, cut into a subnet per session by number. Which numbers are taken is for the caller to know. */
export class AddressPool {
  /** In CIDR notation, normalised. */
  readonly cidr: string;
  readonly capacity: number;
  readonly #base: number;

  /** Throws a sentence when `cidr` is no IPv4 prefix with room for a subnet. */
  constructor(cidr: string) {
    const prefix = parsePrefix(cidr);
    if (prefix === null || prefix.length < 8 || prefix.length > SUBNET_PREFIX) {
      throw new Error(
        `${cidr} is no pool of addresses; expected an IPv4 prefix from /8 to /${SUBNET_PREFIX}.`,
      );
    }
    this.#base = prefix.base;
    this.capacity = sizeOf(prefix) / SUBNET_ADDRESSES;
    this.cidr = formatPrefix(prefix);
  }

  /** Where the worker's own services for sessions are, and where its connections to them come from. */
  get service(): string {
    return formatIpv4(this.#base + SERVICE_OFFSET);
  }

  /** The addresses of subnet `number`, below `capacity`. */
  subnet(number: number): SubnetAddresses {
    const base = this.#base + number * SUBNET_ADDRESSES;
    return {
      gateway: formatIpv4(base + 1),
      session: formatIpv4(base + 2),
      bridge: formatIpv4(base + BRIDGE_OFFSET + 1),
      containers: `${formatIpv4(base + BRIDGE_OFFSET)}/${BRIDGE_PREFIX}`,
    };
  }

  /** Address of the container `slot`, below MAX_CONTAINERS, of subnet `number`. */
  container(number: number, slot: number): string {
    return formatIpv4(this.#base + number * SUBNET_ADDRESSES + FIRST_CONTAINER_OFFSET + slot);
  }

  /** The number of the subnet that `address` lies in, or null when it is not of this pool. */
  numberOf(address: string): number | null {
    const parsed = parseIpv4(address);
    if (parsed === null) return null;
    const number = Math.floor((parsed - this.#base) / SUBNET_ADDRESSES);
    return number >= 0 && number < this.capacity ? number : null;
  }
}
