import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { SlipwayError } from "@slipway/protocol";
import { z } from "zod";

/** User-defined networks of one session. */
const MOST_NETWORKS = 32;

const networkSchema = z.object({
  id: z.string(),
  name: z.string(),
  /** Milliseconds since the epoch. */
  createdAt: z.number().int(),
  internal: z.boolean(),
  attachable: z.boolean(),
  labels: z.record(z.string(), z.string()),
  options: z.record(z.string(), z.string()),
});
export type UserNetwork = z.infer<typeof networkSchema>;

/**
 * The networks that a person of the session made, written down. All of them are the session's one bridge: they say by which
 * names containers find each other.
 */
export class SessionNetworks {
  readonly #file: string;
  readonly #networks = new Map<string, UserNetwork>();

  constructor(file: string) {
    this.#file = file;
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

  /** @throws container-conflict, container-limit */
  create(wanted: Omit<UserNetwork, "id" | "createdAt">): UserNetwork {
    if (this.named(wanted.name)) {
      throw new SlipwayError("container-conflict", `network with name ${wanted.name} already exists`);
    }
    if (this.#networks.size >= MOST_NETWORKS) {
      throw new SlipwayError(
        "container-limit",
        `A session has ${MOST_NETWORKS} networks of its own at most.`,
      );
    }
    const network = { ...wanted, id: randomBytes(32).toString("hex"), createdAt: Date.now() };
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

function readNetworks(file: string): UserNetwork[] {
  try {
    return z.array(networkSchema).parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return [];
  }
}
