import type { EgressPolicy } from "@slipway/protocol";
import type { BridgeNetwork } from "./bridge-network.ts";

/**
 * One private network per session. Its *host namespace* is what a Docker host's own namespace is to its containers: the
 * session's main container runs right in it, reaches all others and finds them by name. Further containers get namespaces of
 * their own, on the default bridge inside of it or on those of the session's own networks. Who shares a bridge reaches each
 * other by address, and by name where it is a network of the session's own; between bridges nothing passes but published
 * ports. The namespaces belong to the worker's root, so nobody in a session can change links, addresses, routes or rules.
 * The worker reaches host namespace and default bridge, and nobody reaches another session, the worker's own services,
 * link-local or private ranges. IPv6 passes nowhere.
 */
export interface Network {
  /** Where the addresses of all sessions lie, CIDR. */
  readonly pool: string;
  /**
   * Creates namespace, addresses and rules. Idempotent by `name` (at most 32 of a-z, 0-9); an existing network gets the
   * policy that is given, and keeps its addresses, its containers and its counters.
   */
  create(name: string, policy: NetworkPolicy): Promise<SessionNetwork>;
  /**
   * Gives a further container of an existing network a namespace, with the ends that it is to have. Idempotent by
   * `container.id`; names and ends that are given again replace the former, also of a container that runs, and an end that
   * it had keeps its address. Rejects with `network-failed` where there is no such network, `worker-full` where its subnet
   * has no address left, and `container-refused` where the address of an end is taken or none is left there.
   */
  attach(name: string, container: NetworkContainer): Promise<AttachedNetwork>;
  /**
   * Makes a place on the default bridge ahead, which the next `attach` takes in no time. Idempotent; a network without a bridge, or without
   * room, has none. It is nobody's: after a kill it is made anew, and it goes with the network.
   */
  prepare(name: string): Promise<void>;
  /**
   * Makes exactly these ports of the host namespace lead to containers; those that were before and are not
   * among them lead nowhere. Rejects with `network-failed` where there is no such network.
   */
  forward(name: string, forwards: readonly PortForward[]): Promise<void>;
  /** Takes the namespace of a container away, and the bridges on which nobody is any more. A missing one is no error. */
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
  /** What the host namespace calls it on the default bridge, in any case of letters. */
  readonly names: readonly string[];
  /** Its place in networks, at most MAX_ENDS; the default bridge alone where nothing is said. */
  readonly ends?: readonly NetworkEnd[];
}

/** Interfaces of one container: all networks of a session, and the default bridge. */
export const MAX_ENDS = 31;

/** An end of a container on the default bridge (network null), or in a network of the session's own. */
export interface NetworkEnd {
  readonly network: BridgeNetwork | null;
  /** What others in this network and the host namespace call it, in any case of letters; not for the default bridge. */
  readonly names: readonly string[];
  /** An address of the network's subnet; null: the next one that is free. */
  readonly address: string | null;
  /** Hardware address of its interface; null: one that follows from the IP address. */
  readonly mac: string | null;
  /** Names of the container's own for what others in this network are called. */
  readonly links: readonly { readonly name: string; readonly alias: string }[];
}

/** An end on the default bridge of which nothing is asked. */
export const DEFAULT_END: NetworkEnd = { network: null, names: [], address: null, mac: null, links: [] };

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
  /** IPv4 address, unique on this worker, and reachable from it in the host namespace and on the default bridge. */
  readonly address: string;
  /** Content for /etc/resolv.conf. */
  readonly resolvConf: string;
}

export interface AttachedNetwork extends ContainerNetwork {
  /** In the order that was asked for. */
  readonly ends: readonly AttachedEnd[];
}

export interface AttachedEnd {
  /** Id of the network; null: the default bridge. */
  readonly network: string | null;
  readonly address: string;
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
