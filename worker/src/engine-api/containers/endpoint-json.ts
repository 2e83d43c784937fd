import { createHash } from "node:crypto";
import { BRIDGE_PREFIX } from "../../network/address-pool.ts";
import { macOf, prefixLength } from "../../network/bridge-network.ts";
import { formatIpv4, formatPrefix, parsePrefix } from "../../network/ipv4.ts";
import { shortId } from "../../session/containers/container-ids.ts";
import { DEFAULT_NETWORK, type JoinedNetwork } from "../../session/containers/container-order.ts";
import type { SessionContainer } from "../../session/containers/session-container.ts";
import type { SessionHost } from "../../session/session-host.ts";

/* The ends of a container in its networks. */

/** A number of 64 hexadecimal digits that is always the same for the same words. */
export const idOf = (...words: readonly string[]): string =>
  createHash("sha256").update(words.join("\0")).digest("hex");

export interface NetworkAddresses {
  readonly subnet: string;
  readonly gateway: string;
  readonly prefix: number;
}

/** Those of the default bridge: the upper half of what the session has. */
export function defaultAddresses({ network }: SessionHost): NetworkAddresses {
  const session = parsePrefix(`${network.address}/${BRIDGE_PREFIX}`);
  const base = (session?.base ?? 0) + 2 ** (32 - BRIDGE_PREFIX);
  return {
    subnet: formatPrefix({ base, length: BRIDGE_PREFIX }),
    gateway: formatIpv4(base + 1),
    prefix: BRIDGE_PREFIX,
  };
}

/** Null for a network that is no more. */
function addressesOf(session: SessionHost, network: string): NetworkAddresses | null {
  if (network === DEFAULT_NETWORK) return defaultAddresses(session);
  const known = session.containers.networks.named(network);
  return known ? { ...known, prefix: prefixLength(known) } : null;
}

export const builtinNetworkId = (session: SessionHost, name: string): string => idOf(session.id, name);

/** From this minor version of the API on, aliases are those that were asked for, without the short id. */
const ALIASES_AS_ASKED = 45;

/** Networks of a container by name, as inspect and list show them. @param minor version of the API */
export function networksJson(
  container: SessionContainer,
  session: SessionHost,
  minor = ALIASES_AS_ASKED,
): Record<string, object> {
  const { order } = container.record;
  switch (order.network.kind) {
    case "container":
      return {};
    case "host":
    case "none":
      return { [order.network.kind]: endpoint(container, session, order.network.kind, null, minor) };
    case "bridge":
      return Object.fromEntries(
        Object.entries(order.networks).map(([name, joined]) => [
          name,
          endpoint(container, session, name, joined, minor),
        ]),
      );
  }
}

/** The address of a container that runs in a network; null where it has none. */
export function addressIn({ state }: SessionContainer, network: string): string | null {
  return "ends" in state ? (state.ends[network] ?? null) : null;
}

/** The hardware address of its interface there; "" while it has none. */
export function macIn(container: SessionContainer, network: string): string {
  const address = addressIn(container, network);
  return address === null ? "" : (container.record.order.networks[network]?.mac ?? macOf(address));
}

export const endpointId = (container: SessionContainer, network: string): string =>
  idOf(container.id, network);

/** @param joined null for a mode of network, of which nobody is a member */
function endpoint(
  container: SessionContainer,
  session: SessionHost,
  network: string,
  joined: JoinedNetwork | null,
  minor: number,
): object {
  const { state, id } = container;
  const address = addressIn(container, network);
  const addresses = address === null ? null : addressesOf(session, network);
  const known = session.containers.networks.named(network);
  const aliases = joined === null || network === DEFAULT_NETWORK ? null : joined.aliases;
  const shown = [
    ...new Set([...(aliases ?? []), ...(aliases && minor < ALIASES_AS_ASKED ? [shortId(id)] : [])]),
  ];
  return {
    IPAMConfig: joined?.address ? { IPv4Address: joined.address } : null,
    Links: joined?.links.length ? joined.links.map(({ name, alias }) => `${name}:${alias}`) : null,
    Aliases: shown.length === 0 ? null : shown,
    NetworkID: known?.id ?? builtinNetworkId(session, network),
    EndpointID: "ports" in state ? endpointId(container, network) : "",
    Gateway: addresses?.gateway ?? "",
    IPAddress: address ?? "",
    IPPrefixLen: addresses?.prefix ?? 0,
    IPv6Gateway: "",
    GlobalIPv6Address: "",
    GlobalIPv6PrefixLen: 0,
    MacAddress: macIn(container, network),
    DriverOpts: joined?.driverOpts ?? null,
    DNSNames: aliases === null ? null : [...new Set([container.name, ...aliases, shortId(id)])],
  };
}
