import { readdir } from "node:fs/promises";
import path from "node:path";
import { SlipwayError } from "@slipway/protocol";
import { runProgram } from "../process/program.ts";
import { AddressPool } from "./address-pool.ts";
import { enableForwarding, restoreForwarding } from "./forwarding.ts";
import { creation, linkName, ourLinks } from "./links.ts";
import { hostNameservers, resolvConf } from "./nameservers.ts";
import type {
  ContainerNetwork,
  Network,
  NetworkContainer,
  NetworkPolicy,
  SessionNetwork,
} from "./network.ts";
import { admit, dropTable, expel, type NetworkNames, readmit, tableRules } from "./rules.ts";

const NOTHING = { bytes: 0, packets: 0, droppedPackets: 0, heldPackets: 0 };

/** Where ip-netns(8) keeps named namespaces. */
const NAMESPACES = "/run/netns";
const FORWARDING_MEMORY = "/run/slipway-ip-forward";

export const DEFAULT_NAMES: NetworkNames = {
  table: "slipway",
  namespacePrefix: "slipway-",
  interfacePrefix: "sw-",
};

export interface HostNetworkOptions {
  /** IPv4 prefix for the sessions, cut into /30. */
  readonly pool: string;
  readonly names?: NetworkNames;
  /** Nameservers that sessions may ask; by default those of the host. */
  readonly nameservers?: readonly string[];
  /** Private addresses or prefixes that the operator opens to sessions. */
  readonly opened?: readonly string[];
}

/**
 * Networks of sessions made of namespaces, veth pairs and one nftables table of this host. State lives in the kernel
 * alone: a worker that comes back finds it there. To be started before use; the table and the networks stay when the
 * worker ends, and go with removeAll().
 */
export class HostNetwork implements Network {
  readonly #names: NetworkNames;
  readonly #pool: AddressPool;
  readonly #nameservers: readonly string[];
  /** Subnet numbers by interface. */
  readonly #subnets = new Map<string, number>();
  /** The last step of each name, so that a removal and a creation of one name never overlap. */
  readonly #steps = new Map<string, Promise<unknown>>();
  #nextSubnet = 0;

  private constructor(names: NetworkNames, pool: AddressPool, nameservers: readonly string[]) {
    this.#names = names;
    this.#pool = pool;
    this.#nameservers = nameservers;
  }

  /** Installs or renews the table, turns on forwarding, and learns which networks exist. */
  static async start(options: HostNetworkOptions): Promise<HostNetwork> {
    const names = options.names ?? DEFAULT_NAMES;
    const pool = new AddressPool(options.pool);
    const nameservers = options.nameservers ?? (await hostNameservers());
    const network = new HostNetwork(names, pool, nameservers);
    const to = { pool: pool.cidr, nameservers, opened: options.opened ?? [] };
    await asNetworkError(async () => {
      await runProgram(["nft", "-f", "-"], { input: tableRules(names, to) });
      await enableForwarding(FORWARDING_MEMORY);
      await network.#learn();
    });
    return network;
  }

  create(name: string, policy: NetworkPolicy): Promise<SessionNetwork> {
    return this.#inTurn(name, () => this.#create(name, policy));
  }

  async attach(name: string, container: NetworkContainer): Promise<ContainerNetwork> {
    throw new SlipwayError("network-failed", `${name} has no bridge for ${container.id}.`);
  }

  async detach(): Promise<void> {}

  remove(name: string): Promise<void> {
    return this.#inTurn(name, () => this.#remove(name));
  }

  async list(): Promise<string[]> {
    const names = await readdir(NAMESPACES).catch(() => []);
    const { namespacePrefix } = this.#names;
    return names
      .filter((name) => name.startsWith(namespacePrefix))
      .map((name) => name.slice(namespacePrefix.length));
  }

  /** Removes all networks and the table, and puts forwarding back as it was unless another Slipway needs it. */
  async removeAll(): Promise<void> {
    for (const name of await this.list()) await this.remove(name);
    await asNetworkError(async () => {
      await runProgram(["nft", "-f", "-"], { input: dropTable(this.#names) });
      const { stdout } = await runProgram(["nft", "list", "tables"]);
      if (!/^table inet slipway/m.test(stdout)) await restoreForwarding(FORWARDING_MEMORY);
    });
  }

  async #create(name: string, { egress }: NetworkPolicy): Promise<SessionNetwork> {
    if (!/^[a-z0-9]{1,32}$/.test(name))
      throw new SlipwayError("network-failed", `${name} is no network's name.`);
    const link = linkName(this.#names, name);
    const namespace = this.#names.namespacePrefix + name;
    const found = await this.#find(namespace, link);
    const existing = found.namespace && found.address !== null && this.#subnets.has(link);
    if (!existing && (found.namespace || found.link)) await this.#remove(name);
    const number = this.#subnets.get(link) ?? this.#takeSubnet(link);
    const addresses = this.#pool.pair(number);
    try {
      await asNetworkError(async () => {
        const admission = admit(this.#names, link, addresses.session, egress);
        await runProgram(["nft", "-f", "-"], { input: admission });
        if (!existing) {
          await runProgram(["ip", "-batch", "-"], { input: creation(namespace, link, addresses) });
        }
      });
    } catch (error) {
      await this.#remove(name).catch(() => {});
      throw error;
    }
    return {
      name,
      namespacePath: path.join(NAMESPACES, namespace),
      address: addresses.session,
      // Where no packet leaves, a name that can't be resolved should fail at once and not after a timeout.
      resolvConf: egress === "none" ? "" : resolvConf(this.#nameservers),
      traffic: async () => ({ sent: NOTHING, received: NOTHING }),
    };
  }

  async #remove(name: string): Promise<void> {
    const link = linkName(this.#names, name);
    const namespace = this.#names.namespacePrefix + name;
    const number = this.#subnets.get(link);
    await asNetworkError(async () => {
      const found = await this.#find(namespace, link);
      const deletions = [
        ...(found.link ? [`link delete ${link}`] : []),
        ...(found.namespace ? [`netns delete ${namespace}`] : []),
      ];
      if (deletions.length > 0)
        await runProgram(["ip", "-batch", "-"], { input: `${deletions.join("\n")}\n` });
      if (number !== undefined) {
        const { session } = this.#pool.pair(number);
        await runProgram(["nft", "-f", "-"], { input: expel(this.#names, link, session) });
      }
    });
    this.#subnets.delete(link);
  }

  /** What there is of a network. The host's end of the pair gets its address last. */
  async #find(
    namespace: string,
    link: string,
  ): Promise<{ namespace: boolean; link: boolean; address: string | null }> {
    const links = await ourLinks(this.#names);
    const namespaces: string[] = await readdir(NAMESPACES).catch(() => []);
    return {
      namespace: namespaces.includes(namespace),
      link: links.has(link),
      address: links.get(link) ?? null,
    };
  }

  /** Learns which subnets are in use, and shuts out what an earlier process left half-made. */
  async #learn(): Promise<void> {
    const sessions = new Map<string, string>();
    for (const [link, address] of await ourLinks(this.#names)) {
      const number = address === null ? null : this.#pool.numberOf(address);
      if (number === null) continue;
      this.#subnets.set(link, number);
      sessions.set(link, this.#pool.pair(number).session);
    }
    await runProgram(["nft", "-f", "-"], { input: readmit(this.#names, sessions) });
  }

  /** Numbers go round, so that an address just freed, to which packets may still be under way, is not given at once. */
  #takeSubnet(link: string): number {
    const taken = new Set(this.#subnets.values());
    for (let tries = 0; tries < this.#pool.capacity; tries++) {
      const number = this.#nextSubnet;
      this.#nextSubnet = (this.#nextSubnet + 1) % this.#pool.capacity;
      if (taken.has(number)) continue;
      this.#subnets.set(link, number);
      return number;
    }
    throw new SlipwayError("worker-full", `All ${this.#pool.capacity} networks of the pool are taken.`);
  }

  #inTurn<T>(name: string, step: () => Promise<T>): Promise<T> {
    const before = this.#steps.get(name) ?? Promise.resolve();
    const result = before.then(step, step);
    const settled = result.then(
      () => {},
      () => {},
    );
    this.#steps.set(name, settled);
    void settled.then(() => {
      if (this.#steps.get(name) === settled) this.#steps.delete(name);
    });
    return result;
  }
}

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
