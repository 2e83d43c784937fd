import { macOf } from "./bridge-network.ts";
import { bridgeOf, type PlacedEnd, prefixOf, type Route } from "./ends.ts";
import { attempt, batch, inside, NAMESPACES, script, settings } from "./shell.ts";

/* Bridges of a host namespace, and the namespaces of further containers on them. */

const BRIDGE_RULES = "/proc/sys/net/bridge/bridge-nf-call-iptables";

/** A bridge with the gateway's address, which is the host namespace's. */
export interface Bridge {
  readonly name: string;
  readonly address: string;
  readonly prefix: number;
}

/** Makes a bridge of a host namespace, and away with what an earlier attempt left of it. */
export function bridgeCreation(namespace: string, { name, address, prefix }: Bridge): string {
  return script([
    inside(namespace, [
      "echo 1 > /proc/sys/net/ipv4/ip_forward",
      // With br_netfilter what a bridge forwards would meet rules that are for what is routed.
      `[ ! -e ${BRIDGE_RULES} ] || echo 0 > ${BRIDGE_RULES}`,
      attempt(`ip link del ${name}`),
      batch([
        `link add ${name} type bridge`,
        `addr add ${address}/${prefix} dev ${name}`,
        `link set ${name} up`,
      ]),
    ]),
  ]);
}

/** Takes bridges away, whatever of them there is. */
export const bridgeRemoval = (namespace: string, names: readonly string[]): string =>
  inside(
    namespace,
    names.map((name) => attempt(`ip link del ${name}`)),
  );

export interface Place {
  /** Of the host. */
  readonly namespace: string;
  readonly slot: number;
}

const namespaceOf = ({ namespace, slot }: Place): string => `${namespace}.${slot}`;

/** Makes the namespace of a further container and puts it on its bridges. */
export function attachment(place: Place, ends: readonly PlacedEnd[], routes: readonly Route[]): string {
  const namespace = namespaceOf(place);
  return script([
    `ip netns add ${namespace}`,
    inside(place.namespace, [batch(ends.flatMap((end) => pair(place, end)))]),
    inside(namespace, [
      settings(ends.map(device)),
      batch([
        "link set lo up",
        ...ends.flatMap(addresses),
        ...routes.map(({ to, via }) => `route add ${to} via ${via}`),
      ]),
    ]),
  ]);
}

export interface EndsChange {
  readonly added: readonly PlacedEnd[];
  readonly removed: readonly PlacedEnd[];
  /** All of them, as they are to be. */
  readonly routes: readonly Route[];
  /** Where routes lead no more. */
  readonly staleRoutes: readonly string[];
}

/** Changes the ends of a container that may run. */
export function endsChange(place: Place, { added, removed, routes, staleRoutes }: EndsChange): string {
  return script([
    inside(place.namespace, [
      // What an earlier attempt left of the new ones, too.
      ...[...removed, ...added].map((end) => attempt(`ip link del ${port(place, end)}`)),
      batch(added.flatMap((end) => pair(place, end))),
    ]),
    inside(namespaceOf(place), [
      batch(added.flatMap(addresses)),
      ...staleRoutes.map((to) => attempt(`ip route del ${to}`)),
      batch(routes.map(({ to, via }) => `route replace ${to} via ${via}`)),
    ]),
  ]);
}

/** Takes a further container off its bridges and its namespace away, whatever of them there is. */
export function detachment(place: Place): string {
  const namespace = namespaceOf(place);
  return script([
    // The interfaces would stay while a process is in the namespace.
    inside(place.namespace, [attempt(`ip link del group ${group(place)}`)]),
    `[ ! -e ${NAMESPACES}/${namespace} ] || ip netns del ${namespace}`,
  ]);
}

/** The steps that make the pair of an end, in the host namespace. */
function pair(place: Place, end: PlacedEnd): string[] {
  const name = port(place, end);
  return [
    `link add ${name} group ${group(place)} type veth peer name ${device(end)} address ${end.mac ?? macOf(end.address)} netns ${namespaceOf(place)}`,
    `link set ${name} master ${bridgeOf(end)} up`,
  ];
}

/** The steps that bring an end up, in the container's namespace. */
const addresses = (end: PlacedEnd): string[] => [
  `addr add ${end.address}/${prefixOf(end)} dev ${device(end)}`,
  `link set ${device(end)} up`,
];

const device = ({ index }: PlacedEnd): string => `eth${index}`;

/** The bridge's end of a pair. */
const port = ({ slot }: Place, { index }: PlacedEnd): string =>
  index === 0 ? `port${slot}` : `port${slot}.${index}`;

/** All ends of a container are a group (ip-link(8)), so that they go together; 0 is that of all others. */
const group = ({ slot }: Place): number => slot + 1;
