import { SlipwayError } from "@slipway/protocol";
import { DEFAULT_END, type NetworkEnd } from "../../network/network.ts";
import type { SessionParts } from "../parts.ts";
import type { HostGround } from "../session-host.ts";
import { shortId } from "./container-ids.ts";
import { type Linked, linkedTo } from "./container-links.ts";
import { DEFAULT_NETWORK, type JoinedNetwork } from "./container-order.ts";
import type { ContainerRecord } from "./container-records.ts";
import { bridgeNetworkOf, type SessionNetworks } from "./session-networks.ts";

/** Where a container's processes are in the network. */
export interface Placement {
  /** Null: nowhere. */
  readonly namespacePath: string | null;
  readonly resolvConf: string;
  /** To which published ports lead: of its first network that is not internal. */
  readonly address: string | null;
  /** Addresses by name of the network. */
  readonly ends: Readonly<Record<string, string>>;
  /** Containers that it has links to, as far as they run. */
  readonly linked: readonly Linked[];
}

/** What it takes to place a container. */
export interface Ways {
  readonly parts: SessionParts;
  readonly host: HostGround;
  readonly networks: SessionNetworks;
  /** Of another container, by its whole id. */
  recordOf(container: string): ContainerRecord | null;
  /** Path of the network namespace of another container. Rejects when it does not run. */
  namespaceOf(container: string): Promise<string>;
}

/**
 * Finds the network for a start, or what has become of it for a container that runs.
 * @throws network-missing, container-refused, container-conflict
 */
export async function place(ways: Ways, record: ContainerRecord): Promise<Placement> {
  const { network } = ways.host;
  const { order } = record;
  const nowhere = { address: null, ends: {}, linked: [] };
  switch (order.network.kind) {
    case "none":
      return { namespacePath: null, resolvConf: "", ...nowhere };
    case "host":
      return { namespacePath: network.namespacePath, resolvConf: network.resolvConf, ...nowhere };
    case "container": {
      const namespacePath = await ways.namespaceOf(order.network.container);
      return { namespacePath, resolvConf: network.resolvConf, ...nowhere };
    }
    case "bridge":
      return await attach(ways, record);
  }
}

async function attach(ways: Ways, record: ContainerRecord): Promise<Placement> {
  const { parts, host, networks } = ways;
  const joined = Object.entries(record.order.networks).map(([name, as]) => {
    return { name, end: endOf(record, name, as, networks) };
  });
  const attached = await parts.network.attach(host.place.name, {
    id: shortId(record.id),
    names: namesOf(record, []),
    ends: joined.map(({ end }) => end),
  });
  const addresses = joined.map(({ name }, index) => [name, attached.ends[index]?.address ?? ""] as const);
  const outward = joined.findIndex(({ end }) => !end.network?.internal);
  return {
    namespacePath: attached.namespacePath,
    resolvConf: attached.resolvConf,
    address: addresses[outward]?.[1] ?? null,
    ends: Object.fromEntries(addresses),
    linked: linkedTo(ways, record),
  };
}

function endOf(
  record: ContainerRecord,
  name: string,
  { aliases, address, mac, links }: JoinedNetwork,
  networks: SessionNetworks,
): NetworkEnd {
  if (name === DEFAULT_NETWORK) return { ...DEFAULT_END, mac };
  const network = networks.named(name);
  if (network === undefined) throw new SlipwayError("network-missing", `network ${name} not found`);
  return { network: bridgeNetworkOf(network), names: namesOf(record, aliases), address, mac, links };
}

/** What others call a container. */
const namesOf = ({ id, name, order }: ContainerRecord, aliases: readonly string[]): string[] =>
  [...new Set([name, shortId(id), order.hostname, ...aliases])].filter(isHostName);

const isHostName = (name: string): boolean => /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/.test(name);

/** Takes away what `place` made. Idempotent. */
export const leavePlace = ({ parts, host }: Ways, id: string): Promise<void> =>
  parts.network.detach(host.place.name, shortId(id));
