import type { LookupAddress } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import { buildConnector } from "undici";
import type { AddressRules } from "./address-rules.ts";
import { OutboundFailure } from "./outbound.ts";

export interface ConnectorOptions {
  readonly rules: AddressRules;
  /** Hosts (`name:port`) that the operator named, whatever address they have. */
  readonly trustedHosts: ReadonlySet<string>;
  /** For the name, TCP and TLS together. */
  readonly connectMs: number;
  /** Certificates of authorities, PEM; undefined takes Node's own. */
  readonly authorities: readonly string[] | undefined;
  /** All addresses of a name; resolve.ts. */
  readonly resolve: (name: string) => Promise<LookupAddress[]>;
}

/**
 * Connects to addresses that the rules permit, and to no other: the name is looked up here, once, and the socket gets the
 * addresses that were checked. So a name that changes its meaning between the check and the connection gains nothing.
 */
export function guardedConnector(options: ConnectorOptions): buildConnector.connector {
  const { rules, trustedHosts, connectMs, authorities, resolve } = options;
  const permits = (address: string, host: string) => trustedHosts.has(host) || rules.permits(address);
  // One for all hosts, because it keeps TLS sessions.
  const connectors = new Map<boolean, buildConnector.connector>();
  for (const trusted of [true, false]) {
    connectors.set(
      trusted,
      buildConnector({
        timeout: connectMs,
        allowH2: false,
        lookup: checkedLookup(resolve, (address) => trusted || rules.permits(address), connectMs),
        ...(authorities && { ca: [...authorities] }),
      }),
    );
  }
  return (to, callback) => {
    const host = hostOf(to.hostname, to.port, to.protocol);
    const literal = to.hostname.replace(/^\[|\]$/g, "");
    if (isIP(literal) !== 0 && !permits(literal, host)) return callback(refused(host), null);
    connectors.get(trustedHosts.has(host))?.({ ...to, hostname: literal }, (...[error, socket]) => {
      if (error) return callback(error, null);
      const peer = socket.remoteAddress ?? "";
      if (permits(peer, host)) return callback(null, socket);
      socket.destroy();
      callback(refused(host), null);
    });
  };
}

/** `name:port`, the port always there. */
export function hostOf(hostname: string, port: string, protocol: string): string {
  return `${hostname.toLowerCase()}:${port || (protocol === "https:" ? "443" : "80")}`;
}

function checkedLookup(
  resolve: ConnectorOptions["resolve"],
  permits: (address: string) => boolean,
  withinMs: number,
): LookupFunction {
  return (name, options, callback) => {
    // The socket may be gone before a slow name server has answered; it ignores the late call.
    const timer = setTimeout(() => callback(new Error(`${name} was not resolved in time.`), []), withinMs);
    resolve(name)
      .finally(() => clearTimeout(timer))
      .then(
        (all) => {
          const family = options.family === 4 || options.family === 6 ? options.family : 0;
          const usable = all.filter((entry) => permits(entry.address));
          const fitting = usable.filter((entry) => family === 0 || entry.family === family);
          const [first] = fitting;
          if (usable.length === 0) callback(refused(name), []);
          else if (!first) callback(new Error(`${name} has no address of that family.`), []);
          else if (options.all) callback(null, fitting);
          else callback(null, first.address, first.family);
        },
        (error: NodeJS.ErrnoException) => callback(error, []),
      );
  };
}

function refused(host: string): OutboundFailure {
  return new OutboundFailure("address-refused", host, `${host} lies at an address that may not be used.`);
}
