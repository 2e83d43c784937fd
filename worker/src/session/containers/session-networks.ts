import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { SlipwayError } from "@slipway/protocol";
import { z } from "zod";
import {
  type AskedSubnet,
  type BridgeNetwork,
  chooseSubnet,
  MAX_BRIDGE_NETWORKS,
} from "../../network/bridge-network.ts";

const networkSchema = z.object({
  id: z.string(),
  name: z.string(),
  /** Milliseconds since the epoch. */
  createdAt: z.number().int(),
  subnet: z.string(),
  gateway: z.string(),
  range: z.string().nullable(),
  /** Addresses that no container is given, by what they are called. */
  auxiliary: z.record(z.string(), z.string()).default({}),
  /** True where somebody asked for this subnet: addresses of it may be asked for then. */
  isSubnetAsked: z.boolean(),
  internal: z.boolean(),
  attachable: z.boolean(),
  labels: z.record(z.string(), z.string()),
  options: z.record(z.string(), z.string()),
});
export type UserNetwork = z.infer<typeof networkSchema>;

/** What a network is to be; addresses that are not asked for are chosen. */
export type WantedNetwork = Pick<
  UserNetwork,
  "name" | "auxiliary" | "internal" | "attachable" | "labels" | "options"
> &
  AskedSubnet;

/**
 * The networks that a person of the session made, written down. Each is a bridge of its own as soon as a container that runs is
 * in it.
 */
export class SessionNetworks {
  readonly #file: string;
  readonly #reserved: readonly string[];
  readonly #networks = new Map<string, UserNetwork>();

  /** @param reserved prefixes that no network may overlap */
  constructor(file: string, reserved: readonly string[]) {
    this.#file = file;
    this.#reserved = reserved;
    for (const network of readNetworks(file)) this.#networks.set(network.id, network);
  }

  list(): UserNetwork[] {
    return [...this.#networks.values()];
  }

  /** By exactly this name. */
  named(name: string): UserNetwork | undefined {
    return this.list().find((network) => network.name === name);
  }

  /** By name, id, or the beginning of an id. */
  find(reference: string): UserNetwork | undefined {
    const exact = this.#networks.get(reference) ?? this.named(reference);
    if (exact || !/^[0-9a-f]+$/.test(reference)) return exact;
    return this.list().find(({ id }) => id.startsWith(reference));
  }

  /** @throws container-conflict, container-limit, container-refused */
  create({ subnet, gateway, range, ...wanted }: WantedNetwork): UserNetwork {
    if (this.named(wanted.name)) {
      throw new SlipwayError("container-conflict", `network with name ${wanted.name} already exists`);
    }
    if (this.#networks.size >= MAX_BRIDGE_NETWORKS) {
      throw new SlipwayError(
        "container-limit",
        `A session has ${MAX_BRIDGE_NETWORKS} networks of its own at most.`,
      );
    }
    const taken = [...this.#reserved, ...this.list().map((network) => network.subnet)];
    const chosen = chooseSubnet({ subnet, gateway, range }, taken);
    if ("refusal" in chosen) throw new SlipwayError("container-refused", chosen.refusal);
    const network = {
      ...wanted,
      ...chosen,
      isSubnetAsked: subnet !== null,
      id: randomBytes(32).toString("hex"),
      createdAt: Date.now(),
    };
    this.#networks.set(network.id, network);
    this.#write();
    return network;
  }

  remove(network: UserNetwork): void {
    this.#networks.delete(network.id);
    this.#write();
  }

  #write(): void {
    mkdirSync(path.dirname(this.#file), { recursive: true, mode: 0o700 });
    writeFileSync(`${this.#file}~`, JSON.stringify(this.list()), { mode: 0o600 });
    renameSync(`${this.#file}~`, this.#file);
  }
}

/** As the network of the session has it. */
export const bridgeNetworkOf = ({
  id,
  subnet,
  gateway,
  range,
  auxiliary,
  internal,
}: UserNetwork): BridgeNetwork => ({
  id: bridgeIdOf(id),
  subnet,
  gateway,
  range,
  reserved: Object.values(auxiliary),
  internal,
});

/** Of the bridge, by the id of its network. */
const bridgeIdOf = (id: string): string => id.slice(0, 12);

function readNetworks(file: string): UserNetwork[] {
  try {
    return z.array(networkSchema).parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return [];
  }
}
