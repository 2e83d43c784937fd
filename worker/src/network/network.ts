import type { EgressPolicy } from "@slipway/protocol";

/**
 * One private network per session: a network namespace with loopback and one veth pair to the host, addresses from a
 * pool, and nftables rules that keep it from the worker's own services, other sessions, link-local and private ranges.
 * IPv6 is off inside.
 */
export interface Network {
  /** Creates namespace, addresses and rules. Idempotent by `name` (at most 32 of a-z, 0-9). */
  create(name: string, egress: EgressPolicy): Promise<SessionNetwork>;
  /** Removes all of it. A missing one is no error. */
  remove(name: string): Promise<void>;
  /** Names of all networks that exist, for reconciliation after a restart. */
  list(): Promise<string[]>;
}

export interface SessionNetwork {
  readonly name: string;
  /** Path of the namespace, for the OCI runtime. */
  readonly namespacePath: string;
  /** IPv4 address of the session, reachable from the worker. */
  readonly address: string;
  /** Content for /etc/resolv.conf. */
  readonly resolvConf: string;
}
