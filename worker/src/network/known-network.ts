import type { EgressPolicy } from "@slipway/protocol";
import type { AddressPool, SubnetAddresses } from "./address-pool.ts";
import type { CountedLink } from "./counters.ts";
import type { NamedSession } from "./dns/named-session.ts";
import { defaultEnd, isSameNetwork, type PlacedEnd } from "./ends.ts";
import type { NetworkState } from "./network-states.ts";

/** A complete network, as this process knows it: what the kernel and its file say. */
export interface KnownNetwork extends CountedLink {
  readonly name: string;
  readonly egress: EgressPolicy;
  /** Number of its subnet. */
  readonly number: number;
  readonly addresses: SubnetAddresses;
  readonly state: NetworkState;
  readonly containers: readonly KnownContainer[];
  /** What the resolver says to whoever asks from this address of the subnet. */
  seenFrom(address: string): NamedSession;
}

export interface KnownContainer {
  readonly id: string;
  readonly slot: number;
  readonly names: readonly string[];
  /** Its address on the default bridge, if it is there; questions come from there in any case (host-rules.ts). */
  readonly identity: string;
  readonly ends: readonly PlacedEnd[];
}

export function knownNetwork(
  pool: AddressPool,
  place: { name: string; number: number; link: string; namespace: string },
  state: NetworkState,
): KnownNetwork {
  const addresses = pool.subnet(place.number);
  const containers = state.containers.map(({ id, slot, names, ends }) => {
    const identity = pool.container(place.number, slot);
    return { id, slot, names, identity, ends: ends ?? [defaultEnd(identity)] };
  });
  const views = new Map<string, NamedSession>();
  const host = { address: addresses.session, names: state.hostNames };
  const seenFrom = (address: string): NamedSession => {
    const asker = containers.find(({ identity }) => identity === address);
    const named = asker === undefined ? seenFromHost(containers) : seenFromContainer(asker, containers);
    const isShut = asker?.ends.every(({ network }) => network?.internal) ?? false;
    return view(place.name, isShut ? "none" : state.egress, [host, ...named]);
  };
  return {
    ...place,
    addresses,
    state,
    egress: state.egress,
    containers,
    bytesPerSecond: state.bytesPerSecond ?? Number.POSITIVE_INFINITY,
    seenFrom(address) {
      const seen = views.get(address) ?? seenFrom(address);
      views.set(address, seen);
      return seen;
    },
  };
}

interface Named {
  readonly address: string;
  readonly names: readonly string[];
}

/** The host namespace finds all of them, at all of their addresses. */
const seenFromHost = (containers: readonly KnownContainer[]): Named[] =>
  containers.flatMap(({ names, ends }) =>
    ends.map((end) => ({ address: end.address, names: end.network === null ? names : end.names })),
  );

/** A container finds those with which it shares a network of the session's own, as Docker has it. */
const seenFromContainer = (asker: KnownContainer, containers: readonly KnownContainer[]): Named[] => {
  return asker.ends.flatMap((own) => {
    if (own.network === null) return [];
    const there = containers.flatMap(({ ends }) => ends.filter((end) => isSameNetwork(end, own)));
    const linked = own.links.flatMap(({ name, alias }) =>
      there.filter(({ names }) => names.includes(name)).map(({ address }) => ({ address, names: [alias] })),
    );
    // Names of their own come last: an address is called by them.
    return [...linked, ...there];
  });
};

function view(name: string, egress: NamedSession["egress"], members: readonly Named[]): NamedSession {
  const byName = new Map<string, Set<string>>();
  const byAddress = new Map<string, string>();
  for (const { address, names } of members) {
    for (const called of names) {
      const key = called.toLowerCase();
      byName.set(key, (byName.get(key) ?? new Set()).add(address));
    }
    if (names[0] !== undefined) byAddress.set(address, names[0]);
  }
  return {
    name,
    egress,
    addressesOf: (called) => [...(byName.get(called) ?? [])],
    nameOf: (address) => byAddress.get(address) ?? null,
  };
}
