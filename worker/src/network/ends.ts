import { z } from "zod";
import { BRIDGE_PREFIX } from "./address-pool.ts";
import { type BridgeNetwork, bridgeNetworkSchema, chooseAddress, prefixLength } from "./bridge-network.ts";
import type { NetworkEnd } from "./network.ts";

/** The bridge of a session that is there whenever a container is on it; networks of its own have others. */
export const DEFAULT_BRIDGE = "bridge0";

/** An end of a container: one interface, on the session's default bridge (network null) or in a network of its own. */
export const placedEndSchema = z.object({
  network: bridgeNetworkSchema.nullable(),
  /** Of its interface, `eth<index>`. */
  index: z.number().int().min(0).max(255),
  address: z.string(),
  /** The hardware address that was asked for; null: macOf() the other one. */
  mac: z.string().nullable().default(null),
  /** By which those who share the network find it. */
  names: z.array(z.string()),
  /** By which it alone finds others. */
  links: z.array(z.object({ name: z.string(), alias: z.string() })).default([]),
});
export type PlacedEnd = z.infer<typeof placedEndSchema>;

export const bridgeOf = ({ network }: Pick<PlacedEnd, "network">): string =>
  network === null ? DEFAULT_BRIDGE : `br-${network.id}`;

export const prefixOf = ({ network }: Pick<PlacedEnd, "network">): number =>
  network === null ? BRIDGE_PREFIX : prefixLength(network);

export const isSameNetwork = (a: Pick<PlacedEnd, "network">, b: Pick<PlacedEnd, "network">): boolean =>
  a.network?.id === b.network?.id;

/** The end on the default bridge of a container that has nothing else. */
export const defaultEnd = (address: string): PlacedEnd => ({
  network: null,
  index: 0,
  address,
  mac: null,
  names: [],
  links: [],
});

/** Networks of the session's own that somebody of these is in, each once. */
export function networksIn(ends: readonly Pick<PlacedEnd, "network">[]): BridgeNetwork[] {
  const found = new Map<string, BridgeNetwork>();
  for (const { network } of ends) if (network !== null) found.set(network.id, network);
  return [...found.values()];
}

/**
 * The ends that a container is to have, each with an interface and an address. Those that it had stay as they are.
 * @param others the ends of all other containers of the session
 * @param identity the container's address on the default bridge
 * @returns the end that finds no address, where there is one
 */
export function placeEnds(
  wanted: readonly NetworkEnd[],
  had: readonly PlacedEnd[],
  others: readonly PlacedEnd[],
  identity: string,
): PlacedEnd[] | { homeless: NetworkEnd } {
  const kept = (end: NetworkEnd) =>
    had.find(
      (one) =>
        isSameNetwork(one, end) &&
        (end.address === null || end.address === one.address) &&
        (end.mac === null || end.mac === one.mac),
    );
  const indexes = new Set(wanted.flatMap((end) => kept(end)?.index ?? []));
  const placed: PlacedEnd[] = [];
  for (const end of wanted) {
    const before = kept(end);
    const index = before?.index ?? freeIndex(indexes);
    indexes.add(index);
    const address = before?.address ?? addressOf(end, others, identity);
    if (address === null) return { homeless: end };
    const { network, names, links } = end;
    const mac = end.mac ?? before?.mac ?? null;
    placed.push({ network, index, address, mac, names: [...names], links: [...links] });
  }
  return placed;
}

function addressOf({ network, address }: NetworkEnd, others: readonly PlacedEnd[], identity: string) {
  if (network === null) return identity;
  const taken = others.filter((end) => end.network?.id === network.id).map((end) => end.address);
  return chooseAddress(network, address, new Set(taken));
}

function freeIndex(taken: ReadonlySet<number>): number {
  for (let index = 0; ; index++) if (!taken.has(index)) return index;
}

/** Where a container's packets go that are for none of its networks. */
export interface Route {
  /** `default`, or an address. */
  readonly to: string;
  readonly via: string;
}

/**
 * Who is in internal networks alone reaches the resolver and the session itself, and nothing else outside of them. All others
 * leave by the first of their networks that is not internal.
 */
export function routesOf(
  ends: readonly PlacedEnd[],
  { bridge, session, service }: { bridge: string; session: string; service: string },
): Route[] {
  const outward = ends.find(({ network }) => !network?.internal);
  if (outward !== undefined) return [{ to: "default", via: outward.network?.gateway ?? bridge }];
  const via = ends[0]?.network?.gateway;
  return via === undefined ? [] : [session, service].map((to) => ({ to, via }));
}
