import type { EgressPolicy } from "@slipway/protocol";

/**
 * One private network per session. Its *host namespace* is what a Docker host's own namespace is to its containers: the
 * session's main container runs right in it. Further containers get namespaces of their own on a bridge inside of it.
 * The namespaces belong to the worker's root, so nobody in a session can change links, addresses, routes or rules.
 * Containers of one session reach each other by address and by name, the worker's gateway reaches all of them, and
 * nobody reaches another session, the worker's own services, link-local or private ranges. IPv6 passes nowhere.
 */
export interface Network {
  /**
   * Creates namespace, addresses and rules. Idempotent by `name` (at most 32 of a-z, 0-9); an existing network gets the
   * policy that is given, and keeps its addresses, its containers and its counters.
   */
  create(name: string, policy: NetworkPolicy): Promise<SessionNetwork>;
  /**
   * Gives a further container of an existing network a namespace on its bridge. Idempotent by `container.id`; names that
   * are given again replace the former. Rejects with `network-failed` where there is no such network and `worker-full` where
   * its subnet has no address left.
   */
  attach(name: string, container: NetworkContainer): Promise<ContainerNetwork>;
  /**
   * Makes a place on the bridge ahead, which the next `attach` takes in no time. Idempotent; a network without a bridge, or without
   * room, has none. It is nobody's: after a kill it is made anew, and it goes with the network.
   */
  prepare(name: string): Promise<void>;
  /**
   * Makes exactly these ports of the host namespace lead to containers on its bridge; those that were before and are not
   * among them lead nowhere. Rejects with `network-failed` where there is no such network.
   */
  forward(name: string, forwards: readonly PortForward[]): Promise<void>;
  /** Takes the namespace of a container away. A missing one is no error. */
  detach(name: string, id: string): Promise<void>;
  /** Removes all of it, containers' namespaces included. A missing one is no error. */
  remove(name: string): Promise<void>;
  /** Names of all networks of which anything exists, half-made ones too, for reconciliation after a restart. */
  list(): Promise<string[]>;
}

export interface NetworkPolicy {
  readonly egress: EgressPolicy;
  /** Each way between the session and everything outside of it, the worker included. */
  readonly bytesPerSecond: number;
  /** Further names of the host namespace, by which containers of the session reach it. */
  readonly hostNames?: readonly string[];
}

/** A rate that limits nothing. */
export const UNLIMITED_BYTES_PER_SECOND = Number.POSITIVE_INFINITY;

export interface NetworkContainer {
  /** At most 64 of a-z, A-Z, 0-9, `_`, `.` and `-`; unique in the session. */
  readonly id: string;
  /** What other containers of the session call it, in any case of letters. */
  readonly names: readonly string[];
}

/** A published port. */
export interface PortForward {
  readonly protocol: "tcp" | "udp";
  readonly hostPort: number;
  /** A loopback address publishes to the host namespace alone, any other to whoever reaches that. */
  readonly hostAddress: string;
  /** Of the container, and its port. */
  readonly address: string;
  readonly port: number;
}

export interface ContainerNetwork {
  /** Path of the namespace, for the OCI runtime. */
  readonly namespacePath: string;
  /** IPv4 address, unique on this worker and reachable from it. */
  readonly address: string;
  /** Content for /etc/resolv.conf. */
  readonly resolvConf: string;
}

export interface SessionNetwork extends ContainerNetwork {
  readonly name: string;
  /** What has passed since the network was made, as of at most TRAFFIC_AGE_MS ago; zeros once it is removed. */
  traffic(): Promise<NetworkTraffic>;
}

/** How old an answer of `SessionNetwork.traffic` may be: all sessions are counted in one look. */
export const TRAFFIC_AGE_MS = 500;

export interface NetworkTraffic {
  /** From the session to everything outside of it. */
  readonly sent: TrafficCounts;
  readonly received: TrafficCounts;
}

/** Cumulated since the network was made. */
export interface TrafficCounts {
  readonly bytes: number;
  readonly packets: number;
  /** Packets that the rate limit dropped, since more waited than may. */
  readonly droppedPackets: number;
  /** Times that the rate limit held packets back. */
  readonly heldPackets: number;
}
