import type { AddressPool, SubnetAddresses } from "./address-pool.ts";
import type { CountedLink } from "./counters.ts";
import type { NamedSession } from "./dns/named-session.ts";
import type { NetworkState } from "./network-states.ts";

/** A complete network, as this process knows it: what the kernel and its file say. */
export interface KnownNetwork extends CountedLink, NamedSession {
  readonly name: string;
  /** Number of its subnet. */
  readonly number: number;
  readonly addresses: SubnetAddresses;
  readonly state: NetworkState;
}

export function knownNetwork(
  pool: AddressPool,
  place: { name: string; number: number; link: string; namespace: string },
  state: NetworkState,
): KnownNetwork {
  const addresses = pool.subnet(place.number);
  const members = [
    { address: addresses.session, names: state.hostNames },
    ...state.containers.map(({ slot, names }) => ({ address: pool.container(place.number, slot), names })),
  ];
  const byName = new Map<string, string[]>();
  const byAddress = new Map<string, string>();
  for (const { address, names } of members) {
    for (const name of names) {
      const key = name.toLowerCase();
      byName.set(key, [...(byName.get(key) ?? []), address]);
    }
    if (names[0] !== undefined) byAddress.set(address, names[0]);
  }
  return {
    ...place,
    addresses,
    state,
    bytesPerSecond: state.bytesPerSecond ?? Number.POSITIVE_INFINITY,
    egress: state.egress,
    addressesOf: (name) => byName.get(name) ?? [],
    nameOf: (address) => byAddress.get(address) ?? null,
  };
}
