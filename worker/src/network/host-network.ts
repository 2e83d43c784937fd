import path from "node:path";
import { SlipwayError } from "@slipway/protocol";
import { AddressRules } from "../outbound/address-rules.ts";
import { runProgram } from "../process/program.ts";
import { AddressPool } from "./address-pool.ts";
import { Counters } from "./counters.ts";
import { DnsServer } from "./dns/dns-server.ts";
import { hostNameservers } from "./dns/nameservers.ts";
import { HostPatterns } from "./dns/package-hosts.ts";
import { Resolver } from "./dns/resolver.ts";
import { type Nameserver, Upstream } from "./dns/upstream.ts";
import { admitThroughDocker, leaveDocker } from "./docker-user.ts";
import { enableForwarding, restoreForwarding } from "./forwarding.ts";
import { forwarding } from "./host-rules.ts";
import { type KnownNetwork, knownNetwork } from "./known-network.ts";
import type {
  AttachedNetwork,
  Network,
  NetworkContainer,
  NetworkPolicy,
  PortForward,
  SessionNetwork,
} from "./network.ts";
import { checkContainer, checkNames } from "./network-names.ts";
import { type NetworkState, NetworkStates } from "./network-states.ts";
import { PackageAddresses } from "./package-addresses.ts";
import { freeSlot, leave, placeContainer, placingScript, preparation, undoingScript } from "./placing.ts";
import { checkPool } from "./pools.ts";
import { dropTable, type NetworkNames, tableRules } from "./rules.ts";
import { earlierScriptsEnded, runScript } from "./running-scripts.ts";
import { change, creation, linkName, namespacePath, ourLinks, ourNamespaces, removal } from "./scripts.ts";
import { Turns } from "./turns.ts";
import { uplinkSubnets } from "./uplinks.ts";

const FORWARDING_MEMORY = "/run/slipway-ip-forward";
const NAME = /^[a-z0-9]{1,32}$/;

export const DEFAULT_NAMES: NetworkNames = {
  table: "slipway",
  namespacePrefix: "slipway-",
  interfacePrefix: "sw-",
};

export interface HostNetworkOptions {
  /** IPv4 prefix for the sessions, cut into /25. */
  readonly pool: string;
  readonly names?: NetworkNames;
  /** Nameservers that are asked for names outside of sessions; by default those of the host. */
  readonly nameservers?: readonly Nameserver[];
  /** Private addresses or prefixes that the operator opens to sessions. */
  readonly opened?: readonly string[];
  /** Hosts that sessions with packages-only may reach; `*.` stands for all names below. */
  readonly packageHosts?: readonly string[];
  /** Told of what keeps sessions from what they should reach. */
  readonly warn?: (sentence: string) => void;
}

/**
 * Networks of sessions made of namespaces, veth pairs, bridges and one nftables table of this host. The kernel holds the
 * state, and files below /run what it does not remember (NetworkStates): a worker that comes back finds both. To be
 * started before use; table and networks stay when the worker ends, and go with removeAll().
 */
export class HostNetwork implements Network {
  readonly #names: NetworkNames;
  readonly #pool: AddressPool;
  readonly #states: NetworkStates;
  readonly #counters: Counters;
  readonly #upstream: Upstream;
  readonly #server: DnsServer;
  /** Complete networks by name, and by the number of their subnet. */
  readonly #networks = new Map<string, KnownNetwork>();
  readonly #bySubnet = new Map<number, KnownNetwork>();
  /** Subnets in use, half-made networks included. */
  readonly #taken = new Map<string, number>();
  /** Slots of places that are made ahead, by network. */
  readonly #prepared = new Map<string, number>();
  readonly #turns = new Turns();
  #nextSubnet = 0;

  private constructor(options: HostNetworkOptions, states: NetworkStates) {
    this.#names = options.names ?? DEFAULT_NAMES;
    this.#pool = new AddressPool(options.pool);
    this.#states = states;
    this.#counters = new Counters(() => this.#networks.values());
    const { nameservers } = options;
    this.#upstream = new Upstream(nameservers ? async () => nameservers : hostNameservers());
    const packages = new PackageAddresses(this.#names);
    const rules = new AddressRules(options.opened ?? [], [this.#pool.cidr]);
    this.#server = new DnsServer({
      address: this.#pool.service,
      resolver: new Resolver({
        upstream: this.#upstream,
        permits: (address) => rules.permits(address),
        packageHosts: new HostPatterns(options.packageHosts ?? []),
        openPackages: (addresses) => packages.open(addresses),
      }),
      sessionOf: (address) =>
        this.#bySubnet.get(this.#pool.numberOf(address) ?? -1)?.seenFrom(address) ?? null,
      warn: options.warn ?? (() => {}),
    });
  }

  /** Installs or renews the table, turns on forwarding, learns which networks exist, and answers their questions. */
  static async start(options: HostNetworkOptions): Promise<HostNetwork> {
    const names = options.names ?? DEFAULT_NAMES;
    await asNetworkError(() => checkPool(options.pool, names.table));
    const states = await NetworkStates.open(statesDirectory(names));
    const network = new HostNetwork(options, states);
    const { cidr: pool, service } = network.#pool;
    await asNetworkError(async () => {
      await earlierScriptsEnded(names.table);
      await runProgram(["nft", "-f", "-"], {
        input: tableRules(names, { pool, service, opened: options.opened ?? [] }),
      });
      await enableForwarding(FORWARDING_MEMORY);
      await admitThroughDocker(names.interfacePrefix, options.warn ?? (() => {}));
      await runProgram(["ip", "address", "replace", `${service}/32`, "dev", "lo"]);
      await network.#learn();
    });
    await network.#server.open();
    return network;
  }

  get pool(): string {
    return this.#pool.cidr;
  }

  create(name: string, policy: NetworkPolicy): Promise<SessionNetwork> {
    return this.#turns.take(name, () => this.#create(name, policy));
  }

  attach(name: string, container: NetworkContainer): Promise<AttachedNetwork> {
    return this.#turns.take(name, () => this.#attach(name, container));
  }

  prepare(name: string): Promise<void> {
    return this.#turns.take(name, () => this.#prepare(name));
  }

  forward(name: string, forwards: readonly PortForward[]): Promise<void> {
    return this.#turns.take(name, async () => {
      const known = this.#networks.get(name);
      if (!known) throw new SlipwayError("network-failed", `There is no network ${name}.`);
      // Without a container nothing was published.
      if (known.state.bridge || known.containers.length > 0)
        await asNetworkError(() => this.#script(forwarding(known.namespace, forwards)));
    });
  }

  detach(name: string, id: string): Promise<void> {
    return this.#turns.take(name, () => this.#detach(name, id));
  }

  remove(name: string): Promise<void> {
    return this.#turns.take(name, () => this.#remove(name));
  }

  async list(): Promise<string[]> {
    const namespaces = await ourNamespaces(this.#names);
    const all = [...namespaces.map(networkOf), ...(await this.#states.list())];
    return [...new Set(all)].filter((name) => NAME.test(name));
  }

  /** Stops answering questions; networks stay. */
  close(): void {
    this.#server.close();
    this.#upstream.close();
  }

  /** Removes all networks and the table, and puts forwarding back as it was unless another Slipway needs it. */
  async removeAll(): Promise<void> {
    this.close();
    for (const name of await this.list()) await this.remove(name);
    await asNetworkError(async () => {
      const { interfacePrefix } = this.#names;
      await leaveDocker(interfacePrefix);
      await runProgram(["ip", "address", "del", `${this.#pool.service}/32`, "dev", "lo"]).catch(() => {});
      await runProgram(["nft", "-f", "-"], { input: dropTable(this.#names) });
      const { stdout } = await runProgram(["nft", "list", "tables"]);
      if (!/^table inet slipway/m.test(stdout)) await restoreForwarding(FORWARDING_MEMORY);
    });
    await this.#states.removeAll();
  }

  async #create(name: string, policy: NetworkPolicy): Promise<SessionNetwork> {
    if (!NAME.test(name)) throw new SlipwayError("network-failed", `${name} is no network's name.`);
    const { egress, bytesPerSecond, hostNames = [] } = policy;
    checkNames(hostNames);
    const wanted = {
      egress,
      bytesPerSecond: Number.isFinite(bytesPerSecond) ? bytesPerSecond : null,
      hostNames: [...hostNames],
    };
    const known = this.#networks.get(name);
    if (known) return this.#describe(await this.#change(known, wanted));
    await this.#removeRemains(name);
    const number = this.#takeSubnet(name);
    const place = { name, number, link: linkName(this.#names, name), namespace: this.#namespace(name) };
    const network = knownNetwork(this.#pool, place, { ...wanted, bridge: false, containers: [] });
    const { addresses } = network;
    try {
      await asNetworkError(async () => {
        await this.#script(
          creation({ ...place, addresses, service: this.#pool.service, egress, bytesPerSecond }),
        );
        await this.#keep(network);
      });
    } catch (error) {
      await this.#remove(name).catch(() => {});
      throw error;
    }
    return this.#describe(network);
  }

  async #change(
    known: KnownNetwork,
    wanted: Pick<NetworkState, "egress" | "bytesPerSecond" | "hostNames">,
  ): Promise<KnownNetwork> {
    const network = knownNetwork(this.#pool, known, { ...known.state, ...wanted });
    if (JSON.stringify(network.state) === JSON.stringify(known.state)) return known;
    await asNetworkError(async () => {
      if (network.egress !== known.egress || network.bytesPerSecond !== known.bytesPerSecond) {
        await this.#script(change(network));
      }
      await this.#keep(network);
    });
    return network;
  }

  async #attach(name: string, container: NetworkContainer): Promise<AttachedNetwork> {
    const known = this.#networks.get(name);
    if (!known) throw new SlipwayError("network-failed", `There is no network ${name}.`);
    checkContainer(container);
    const { service } = this.#pool;
    const placing = placeContainer(this.#pool, known, container, this.#prepared.get(name) ?? null);
    const { slot, had, ends, next } = placing;
    if (this.#prepared.get(name) === slot) this.#prepared.delete(name);
    await asNetworkError(async () => {
      const script = placingScript(placing, service, had === null && (await this.#hasNamespace(name, slot)));
      try {
        if (script !== "") await this.#script(script);
        await this.#keep(next);
      } catch (error) {
        await this.#script(undoingScript(placing, service)).catch(() => {});
        throw error;
      }
    });
    return {
      namespacePath: namespacePath(this.#names, `${name}.${slot}`),
      address: this.#pool.container(known.number, slot),
      resolvConf: this.#resolvConf(),
      ends: ends.map(({ network, address }) => ({ network: network?.id ?? null, address })),
    };
  }

  /** What a kill left of an earlier attempt, or a place that was made ahead. */
  async #hasNamespace(name: string, slot: number): Promise<boolean> {
    return (await ourNamespaces(this.#names)).includes(`${name}.${slot}`);
  }

  async #prepare(name: string): Promise<void> {
    const known = this.#networks.get(name);
    if (!known?.state.bridge || this.#prepared.has(name)) return;
    const slot = freeSlot(known.containers.map((container) => container.slot));
    if (slot === null) return;
    const identity = this.#pool.container(known.number, slot);
    await asNetworkError(async () => {
      const remains = await this.#hasNamespace(name, slot);
      await this.#script(preparation(known, slot, identity, this.#pool.service, remains));
    });
    this.#prepared.set(name, slot);
  }

  async #detach(name: string, id: string): Promise<void> {
    const known = this.#networks.get(name);
    const left = known ? leave(this.#pool, known, id) : null;
    if (left === null) return;
    await asNetworkError(async () => {
      await this.#script(left.script);
      await this.#keep(left.next);
    });
  }

  async #remove(name: string): Promise<void> {
    await asNetworkError(() => this.#removeRemains(name));
    const network = this.#networks.get(name);
    if (network) this.#bySubnet.delete(network.number);
    this.#networks.delete(name);
    this.#prepared.delete(name);
    this.#taken.delete(name);
  }

  /** Takes away whatever there is of a network: first the uplink, so that nothing passes any more, last the file. */
  async #removeRemains(name: string): Promise<void> {
    const link = linkName(this.#names, name);
    const links = (await ourLinks(this.#names)).has(link) ? [link] : [];
    const namespaces = (await ourNamespaces(this.#names)).filter((found) => networkOf(found) === name);
    // Namespaces of containers first: the name of the host's one is what list() finds.
    const ordered = namespaces.sort((a, b) => b.length - a.length).map((found) => this.#namespace(found));
    if (links.length + ordered.length > 0) await this.#script(removal(links, ordered));
    await this.#states.remove(name);
  }

  /** Writes a network down, and believes it from then on. */
  async #keep(network: KnownNetwork): Promise<void> {
    await this.#states.write(network.name, network.state);
    this.#networks.set(network.name, network);
    this.#bySubnet.set(network.number, network);
  }

  /** Learns which networks are complete, and which subnets half-made ones have taken. */
  async #learn(): Promise<void> {
    const subnets = await uplinkSubnets(this.#names, this.#pool);
    for (const name of await this.list()) {
      const link = linkName(this.#names, name);
      const number = subnets.get(link);
      if (number === undefined) continue;
      this.#taken.set(name, number);
      const state = await this.#states.read(name);
      if (!state) continue;
      const network = knownNetwork(
        this.#pool,
        { name, number, link, namespace: this.#namespace(name) },
        state,
      );
      this.#networks.set(name, network);
      this.#bySubnet.set(number, network);
    }
  }

  /** Numbers go round, so that an address just freed, to which packets may still be under way, is not given at once. */
  #takeSubnet(name: string): number {
    const taken = new Set(this.#taken.values());
    for (let tries = 0; tries < this.#pool.capacity; tries++) {
      const number = this.#nextSubnet;
      this.#nextSubnet = (this.#nextSubnet + 1) % this.#pool.capacity;
      if (taken.has(number)) continue;
      this.#taken.set(name, number);
      return number;
    }
    throw new SlipwayError("worker-full", `All ${this.#pool.capacity} networks of the pool are taken.`);
  }

  #describe({ name, addresses, link }: KnownNetwork): SessionNetwork {
    return {
      name,
      namespacePath: namespacePath(this.#names, name),
      address: addresses.session,
      resolvConf: this.#resolvConf(),
      traffic: () => this.#counters.traffic(link),
    };
  }

  #script(script: string): Promise<void> {
    return runScript(this.#names.table, script);
  }

  #resolvConf(): string {
    return `nameserver ${this.#pool.service}\n`;
  }

  #namespace(name: string): string {
    return this.#names.namespacePrefix + name;
  }
}

const statesDirectory = (names: NetworkNames): string => path.join("/run", `${names.table}-networks`);

/** The network that a namespace belongs to: `<network>` or `<network>.<slot>`. */
const networkOf = (namespace: string): string => namespace.split(".")[0] ?? "";

/** What programs of the host say of a failure, as an error of ours. */
async function asNetworkError<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SlipwayError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new SlipwayError("network-failed", message, { cause: error });
  }
}
