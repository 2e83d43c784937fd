import { SlipwayError } from "@slipway/protocol";
import { type AddressPool, BRIDGE_PREFIX, MAX_CONTAINERS } from "./address-pool.ts";
import { prefixLength } from "./bridge-network.ts";
import {
  attachment,
  type Bridge,
  bridgeCreation,
  bridgeRemoval,
  detachment,
  type EndsChange,
  endsChange,
} from "./bridge-scripts.ts";
import {
  bridgeOf,
  DEFAULT_BRIDGE,
  defaultEnd,
  isSameNetwork,
  networksIn,
  type PlacedEnd,
  placeEnds,
  routesOf,
} from "./ends.ts";
import { networkRules } from "./host-rules.ts";
import { type KnownNetwork, knownNetwork } from "./known-network.ts";
import { DEFAULT_END, type NetworkContainer } from "./network.ts";
import { inTurn } from "./shell.ts";

/** What becomes of a session's network when a container takes its place in it, or leaves it. */
export interface Placing {
  readonly known: KnownNetwork;
  readonly next: KnownNetwork;
  readonly slot: number;
  /** Ends that its namespace has; null: it has no namespace. */
  readonly had: readonly PlacedEnd[] | null;
  readonly ends: readonly PlacedEnd[];
}

/**
 * Finds the place of a container: the one that it has, the `prepared` slot, or a free one.
 * @throws worker-full, container-refused
 */
export function placeContainer(
  pool: AddressPool,
  known: KnownNetwork,
  { id, names, ends: asked }: NetworkContainer,
  prepared: number | null,
): Placing {
  const wanted = asked ?? [DEFAULT_END];
  const before = known.containers.find((container) => container.id === id);
  const others = known.containers.filter((container) => container !== before);
  const onDefault = wanted.some(({ network }) => network === null);
  const slot = before?.slot ?? slotFor(others, prepared, onDefault);
  const identity = pool.container(known.number, slot);
  const isPrepared = before === undefined && onDefault && slot === prepared;
  const had = isPrepared ? [defaultEnd(identity)] : (before?.ends ?? null);
  const ends = placeEnds(
    wanted,
    had ?? [],
    others.flatMap((other) => other.ends),
    identity,
  );
  if ("homeless" in ends) {
    const { address } = ends.homeless;
    const sentence =
      address === null ? "no available IPv4 addresses on this network" : "Address already in use";
    throw new SlipwayError("container-refused", sentence);
  }
  const containers = [
    ...known.state.containers.filter((container) => container.id !== id),
    { id, slot, names: [...names], ends },
  ];
  const bridge = known.state.bridge || onDefault;
  const next = knownNetwork(pool, known, { ...known.state, bridge, containers });
  return { known, next, slot, had, ends };
}

/** Who is not on the default bridge leaves a place that was made ahead there to others, as long as there is one more. */
function slotFor(taken: readonly { slot: number }[], prepared: number | null, onDefault: boolean): number {
  if (prepared !== null && onDefault) return prepared;
  const numbers = taken.map(({ slot }) => slot);
  const slot = freeSlot(prepared === null ? numbers : [...numbers, prepared]) ?? freeSlot(numbers);
  if (slot !== null) return slot;
  throw new SlipwayError("worker-full", `A session has at most ${MAX_CONTAINERS} containers on its bridges.`);
}

/** Null when all are taken. */
export function freeSlot(taken: readonly number[]): number | null {
  for (let slot = 0; slot < MAX_CONTAINERS; slot++) if (!taken.includes(slot)) return slot;
  return null;
}

/** What the shell has to do for it; "" where only names change. `remains`: there is a namespace that is nobody's. */
export function placingScript(placing: Placing, service: string, remains: boolean): string {
  const { known, next, slot, had, ends } = placing;
  const change = changeOf(placing, service);
  if (had !== null && change.added.length + change.removed.length === 0) return "";
  const { namespace } = known;
  const place = { namespace, slot };
  const isOwn = [...ends, ...(had ?? [])].some(({ network }) => network !== null);
  return inTurn([
    // Walls first.
    isOwn ? networkRules(namespace, next.containers, service) : "",
    ...bridgesBeyond(next, known).map((bridge) => bridgeCreation(namespace, bridge)),
    remains ? detachment(place) : "",
    had === null ? attachment(place, ends, change.routes) : endsChange(place, change),
    bridgeRemoval(
      namespace,
      bridgesBeyond(known, next).map(({ name }) => name),
    ),
  ]);
}

/** Takes back what a failed script may have done. */
export function undoingScript(placing: Placing, service: string): string {
  const { known, next, slot, had, ends } = placing;
  const place = { namespace: known.namespace, slot };
  const back = { ...placing, had: ends, ends: had ?? [] };
  return inTurn([
    had === null ? detachment(place) : endsChange(place, changeOf(back, service)),
    bridgeRemoval(
      known.namespace,
      bridgesBeyond(next, known).map(({ name }) => name),
    ),
  ]);
}

/** A container takes its place in a network no more. Null where it had none. */
export function leave(
  pool: AddressPool,
  known: KnownNetwork,
  id: string,
): { next: KnownNetwork; script: string } | null {
  const found = known.containers.find((container) => container.id === id);
  if (found === undefined) return null;
  const containers = known.state.containers.filter((container) => container.id !== id);
  const next = knownNetwork(pool, known, { ...known.state, containers });
  const { namespace } = known;
  const script = inTurn([
    detachment({ namespace, slot: found.slot }),
    bridgeRemoval(
      namespace,
      bridgesBeyond(known, next).map(({ name }) => name),
    ),
  ]);
  return { next, script };
}

function changeOf({ known, had, ends }: Placing, service: string): EndsChange {
  const isIn = (end: PlacedEnd, list: readonly PlacedEnd[]) =>
    list.some(
      (other) =>
        isSameNetwork(end, other) &&
        end.index === other.index &&
        end.address === other.address &&
        end.mac === other.mac,
    );
  const ways = { ...known.addresses, service };
  const routes = routesOf(ends, ways);
  const stale = routesOf(had ?? [], ways).filter(({ to }) => !routes.some((route) => route.to === to));
  return {
    added: ends.filter((end) => !isIn(end, had ?? [])),
    removed: (had ?? []).filter((end) => !isIn(end, ends)),
    routes,
    staleRoutes: stale.map(({ to }) => to),
  };
}

/** The default bridge stays when it was made once; those of own networks are there while somebody is on them. */
function bridgesOf({ state, addresses, containers }: KnownNetwork): Bridge[] {
  const own = networksIn(containers.flatMap(({ ends }) => ends)).map((network) => ({
    name: bridgeOf({ network }),
    address: network.gateway,
    prefix: prefixLength(network),
  }));
  if (!state.bridge) return own;
  return [{ name: DEFAULT_BRIDGE, address: addresses.bridge, prefix: BRIDGE_PREFIX }, ...own];
}

function bridgesBeyond(one: KnownNetwork, other: KnownNetwork): Bridge[] {
  const known = new Set(bridgesOf(other).map(({ name }) => name));
  return bridgesOf(one).filter(({ name }) => !known.has(name));
}

/** For a place that is made ahead. */
export function preparation(
  { namespace, addresses }: KnownNetwork,
  slot: number,
  identity: string,
  service: string,
  remains: boolean,
): string {
  const place = { namespace, slot };
  const ends = [defaultEnd(identity)];
  return inTurn([
    remains ? detachment(place) : "",
    attachment(place, ends, routesOf(ends, { ...addresses, service })),
  ]);
}
