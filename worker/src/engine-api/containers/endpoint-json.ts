import { createHash } from "node:crypto";
import { BRIDGE_PREFIX } from "../../network/address-pool.ts";
import { shortId } from "../../session/containers/container-ids.ts";
import type { SessionContainer } from "../../session/containers/session-container.ts";
import type { SessionHost } from "../../session/session-host.ts";

/* The ends of a container in its networks. */

/** A number of 64 hexadecimal digits that is always the same for the same words. */
export const idOf = (...words: readonly string[]): string =>
  createHash("sha256").update(words.join("\0")).digest("hex");

/** The first address of the range that the bridge has. */
export function gatewayOf(address: string): string {
  const parts = address.split(".").map(Number);
  const last = parts[3] ?? 0;
  const size = 2 ** (32 - BRIDGE_PREFIX);
  return [...parts.slice(0, 3), last - (last % size) + 1].join(".");
}

export const builtinNetworkId = (session: SessionHost, name: string): string => idOf(session.id, name);

/** Networks of a container by name, as inspect and list show them. */
export function networksJson(container: SessionContainer, session: SessionHost): Record<string, object> {
  const { order } = container.record;
  switch (order.network.kind) {
    case "container":
      return {};
    case "host":
    case "none":
      return { [order.network.kind]: endpoint(container, session, order.network.kind, []) };
    case "bridge": {
      const named = Object.entries(order.networks);
      if (named.length === 0) return { bridge: endpoint(container, session, "bridge", null) };
      return Object.fromEntries(
        named.map(([name, { aliases }]) => [name, endpoint(container, session, name, aliases)]),
      );
    }
  }
}

function endpoint(
  container: SessionContainer,
  session: SessionHost,
  network: string,
  aliases: readonly string[] | null,
): object {
  const { state, id } = container;
  const address = "address" in state ? state.address : null;
  const known = session.containers.networks.named(network);
  return {
    IPAMConfig: null,
    Links: null,
    Aliases: aliases === null ? null : [...aliases, shortId(id)],
    NetworkID: known?.id ?? builtinNetworkId(session, network),
    EndpointID: "ports" in state ? idOf(id, network) : "",
    Gateway: address === null ? "" : gatewayOf(address),
    IPAddress: address ?? "",
    IPPrefixLen: address === null ? 0 : BRIDGE_PREFIX,
    IPv6Gateway: "",
    GlobalIPv6Address: "",
    GlobalIPv6PrefixLen: 0,
    MacAddress: "",
    DriverOpts: null,
    DNSNames: aliases === null ? null : [...new Set([container.name, ...aliases, shortId(id)])],
  };
}
