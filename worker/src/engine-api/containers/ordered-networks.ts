import { isHardwareAddress, isInSubnet } from "../../network/bridge-network.ts";
import { parseIpv4 } from "../../network/ipv4.ts";
import {
  type ContainerOrder,
  DEFAULT_NETWORK,
  type JoinedNetwork,
} from "../../session/containers/container-order.ts";
import type { UserNetwork } from "../../session/containers/session-networks.ts";
import type { SessionHost } from "../../session/session-host.ts";
import { EngineError } from "../engine-error.ts";
import type { CreateBody, EndpointBody } from "./create-body.ts";
import { parseLinks } from "./ordered-links.ts";

/** Networks that a container is in by its mode, and not as a member. */
const MODES = ["host", "none"];
const DEFAULTS = ["", "default", DEFAULT_NETWORK];

/**
 * The networks of a container to be, that of its mode first, by the names that they have.
 * @throws EngineError 404 for one that is not there, 400 for an end that can't be
 */
export function joinedNetworks(body: CreateBody, session: SessionHost): ContainerOrder["networks"] {
  const mode = body.HostConfig?.NetworkMode ?? "default";
  const ofHost = body.HostConfig?.Links ?? [];
  const mac = body.MacAddress || undefined;
  const asked = Object.entries(body.NetworkingConfig?.EndpointsConfig ?? {});
  if (mode.startsWith("container:") || MODES.includes(mode)) {
    if (!mac && !asked.some(([, endpoint]) => endpoint?.MacAddress)) return {};
    throw new EngineError(400, "conflicting options: mac-address and the network mode");
  }
  const networks = new Map<string, JoinedNetwork>();
  const ofMode = find(mode, session);
  // Without a word on its end; the default one is left out where others are named.
  const isNamed = asked.some(([reference]) => find(reference, session)?.id === ofMode?.id);
  if (!isNamed && (ofMode !== null || asked.length === 0)) {
    networks.set(ofMode?.name ?? DEFAULT_NETWORK, joinedAs(ofMode, { Links: ofHost, MacAddress: mac }));
  }
  for (const [reference, endpoint] of asked) {
    const network = find(reference, session);
    const isOfMode = network?.id === ofMode?.id;
    const ofBody = isOfMode ? { Links: ofHost, MacAddress: mac } : {};
    networks.set(network?.name ?? DEFAULT_NETWORK, joinedAs(network, merged(ofBody, endpoint ?? {})));
  }
  const first = ofMode?.name ?? DEFAULT_NETWORK;
  const ordered = [...networks].sort(([a], [b]) => Number(b === first) - Number(a === first));
  return Object.fromEntries(ordered);
}

/** What is said of the end itself goes before what the container's own configuration says of it. */
const merged = (ofBody: Partial<EndpointBody>, endpoint: Partial<EndpointBody>): Partial<EndpointBody> => ({
  ...endpoint,
  Links: endpoint.Links ?? ofBody.Links,
  MacAddress: endpoint.MacAddress || ofBody.MacAddress,
});

/** Null: the default bridge. */
function find(reference: string, session: SessionHost): UserNetwork | null {
  if (DEFAULTS.includes(reference)) return null;
  const network = session.containers.networks.find(reference);
  if (network) return network;
  throw new EngineError(404, `network ${reference.slice(0, 128)} not found`);
}

/** What a request says of the end of a container in a network (null: the default bridge). @throws EngineError 400 */
export function joinedAs(network: UserNetwork | null, endpoint: Partial<EndpointBody>): JoinedNetwork {
  const aliases = endpoint.Aliases ?? [];
  const driverOpts = endpoint.DriverOpts ?? null;
  const { IPv4Address, IPv6Address } = endpoint.IPAMConfig ?? {};
  if (IPv6Address) throw new EngineError(400, "Networks of a session have no IPv6.");
  const address = IPv4Address || null;
  const mac = hardwareAddress(endpoint.MacAddress);
  if (network === null) {
    if (aliases.length > 0) {
      throw new EngineError(
        400,
        "network-scoped alias is supported only for containers in user defined networks",
      );
    }
    if (address !== null) {
      throw new EngineError(400, "user specified IP address is supported on user defined networks only");
    }
    return { aliases, address, mac, links: [], driverOpts };
  }
  const links = parseLinks(endpoint.Links ?? []);
  if (address === null) return { aliases, address, mac, links, driverOpts };
  if (!network.isSubnetAsked) {
    throw new EngineError(
      400,
      "user specified IP address is supported only when connecting to networks with user configured subnets",
    );
  }
  if (parseIpv4(address) === null || !isInSubnet(network, address)) {
    throw new EngineError(
      400,
      `invalid endpoint settings: no configured subnet or ip-range contain the IP address ${address.slice(0, 64)}`,
    );
  }
  return { aliases, address, mac, links, driverOpts };
}

/** As Go's net.ParseMAC takes it, for EUI-48. @throws EngineError 400 */
function hardwareAddress(asked: string | null | undefined): string | null {
  if (!asked) return null;
  const address = asked.toLowerCase().replaceAll("-", ":");
  if (isHardwareAddress(address)) return address;
  throw new EngineError(400, `invalid MAC address: ${asked.slice(0, 64)}`);
}
