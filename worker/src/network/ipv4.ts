/* IPv4 addresses and prefixes as numbers. */

/** Null for what is no address. */
export function parseIpv4(text: string): number | null {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^[0-9]{1,3}$/.test(part) && Number(part) < 256))
    return null;
  return parts.reduce((value, part) => value * 256 + Number(part), 0);
}

export const formatIpv4 = (value: number): string =>
  [value / 2 ** 24, value / 2 ** 16, value / 2 ** 8, value].map((part) => Math.floor(part) % 256).join(".");

export interface Prefix {
  /** The first address of it. */
  readonly base: number;
  readonly length: number;
}

/** `10.1.0.0/16`; bits behind the prefix are taken off. Null for what is none. */
export function parsePrefix(text: string): Prefix | null {
  const [, head = "", tail] = /^([0-9.]{7,15})\/([0-9]{1,2})$/.exec(text) ?? [];
  const address = parseIpv4(head);
  const length = Number(tail);
  if (address === null || !(length <= 32)) return null;
  return { base: address - (address % sizeOf({ length })), length };
}

export const formatPrefix = ({ base, length }: Prefix): string => `${formatIpv4(base)}/${length}`;

/** How many addresses it has. */
export const sizeOf = ({ length }: Pick<Prefix, "length">): number => 2 ** (32 - length);

export const contains = (prefix: Prefix, address: number): boolean =>
  address >= prefix.base && address < prefix.base + sizeOf(prefix);

export const overlap = (a: Prefix, b: Prefix): boolean => contains(a, b.base) || contains(b, a.base);
