/** Addresses of one session's /30: the host's end of the veth pair and the session's own. */
export interface AddressPair {
  readonly host: string;
  readonly session: string;
}

/** Addresses in one /30: network, host, session, broadcast. */
const SUBNET_ADDRESSES = 4;
export const SUBNET_PREFIX = 30;

/** A pool of IPv4 addresses, cut into /30 subnets by number. Which numbers are taken is for the caller to know. */
export class AddressPool {
  /** In CIDR notation, normalised. */
  readonly cidr: string;
  readonly capacity: number;
  readonly #base: number;

  /** Throws a sentence when `cidr` is no IPv4 prefix with room for a subnet. */
  constructor(cidr: string) {
    const match = /^([0-9.]{7,15})\/([0-9]{1,2})$/.exec(cidr);
    const address = match?.[1] === undefined ? null : parseIpv4(match[1]);
    const prefix = Number(match?.[2]);
    if (address === null || !(prefix >= 8 && prefix <= SUBNET_PREFIX)) {
      throw new Error(`${cidr} is no pool of addresses; expected an IPv4 prefix from /8 to /30.`);
    }
    const size = 2 ** (32 - prefix);
    this.#base = address - (address % size);
    this.capacity = size / SUBNET_ADDRESSES;
    this.cidr = `${formatIpv4(this.#base)}/${prefix}`;
  }

  /** The addresses of subnet `number`, below `capacity`. */
  pair(number: number): AddressPair {
    const base = this.#base + number * SUBNET_ADDRESSES;
    return { host: formatIpv4(base + 1), session: formatIpv4(base + 2) };
  }

  /** The number of the subnet that `address` lies in, or null when it is not of this pool. */
  numberOf(address: string): number | null {
    const parsed = parseIpv4(address);
    if (parsed === null) return null;
    const number = Math.floor((parsed - this.#base) / SUBNET_ADDRESSES);
    return number >= 0 && number < this.capacity ? number : null;
  }
}

function parseIpv4(text: string): number | null {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^[0-9]{1,3}$/.test(part) && Number(part) < 256))
    return null;
  return parts.reduce((value, part) => value * 256 + Number(part), 0);
}

const formatIpv4 = (value: number): string =>
  [value / 2 ** 24, value / 2 ** 16, value / 2 ** 8, value].map((part) => Math.floor(part) % 256).join(".");
