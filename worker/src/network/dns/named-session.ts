import type { EgressPolicy } from "@slipway/protocol";

/** What the resolver knows of a session. */
export interface NamedSession {
  readonly name: string;
  readonly egress: EgressPolicy;
  /** Addresses of a container by a name in lower case; none for a name that is not of this session. */
  addressesOf(name: string): readonly string[];
  /** The first name of what has this address in the session. */
  nameOf(address: string): string | null;
}
